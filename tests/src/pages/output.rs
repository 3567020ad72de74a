//! What commands print against what a page shows.

/// The first line of `expected` that `output` lacks.
pub fn missing<'a>(expected: &'a str, output: &str) -> Option<&'a str> {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut lines = output.lines().map(plain);
    let wanted = expected
        .lines()
        .filter(|line| !matches!(line.trim(), "" | "…"));
    let mut wanted = wanted;
    wanted.find(|line| !lines.any(|said| is_like(&plain(line), &said)))
}

/// Whether `said` is `pattern`, in which `…` is anything.
fn is_like(pattern: &str, said: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = said.strip_prefix(parts.next().unwrap_or_default().trim_end()) else {
        return false;
    };
    let mut whole = false;
    for part in parts {
        whole = part.trim().is_empty();
        match rest.split_once(part.trim()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    whole || rest.is_empty()
}
