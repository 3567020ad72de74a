//! `host:port`, where an IPv6 host stands in brackets, and lists of `host:count`.

/// The host without brackets, which may be empty, and the port.
pub(crate) fn split(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let port = port.parse().ok()?;
    match host.strip_prefix('[') {
        Some(inner) => Some((inner.strip_suffix(']')?, port)),
        None if host.contains([':', '/', ' ']) => None,
        None => Some((host, port)),
    }
}

/// The hosts and counts of `host:count,…`.
///
/// # Errors
/// The reason, when an entry has another form.
pub(crate) fn counts(text: &str) -> Result<Vec<(&str, usize)>, String> {
    let entries = text.split(',').map(str::trim).filter(|e| !e.is_empty());
    let counts = entries.map(|entry| {
        host_and_count(entry).ok_or_else(|| format!("{entry:?} is not of the form host:count"))
    });
    counts.collect()
}

fn host_and_count(entry: &str) -> Option<(&str, usize)> {
    let (host, count) = entry.rsplit_once(':')?;
    let host = host.trim();
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None => host,
    };
    let count = count.trim().parse().ok()?;
    (!host.is_empty()).then_some((host, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses_apart() {
        let cases = [
            ("localhost:9092", Some(("localhost", 9092))),
            (":9092", Some(("", 9092))),
            ("[::1]:9092", Some(("::1", 9092))),
            ("::1:9092", None),
            ("[::1:9092", None),
            ("localhost", None),
            ("localhost:", None),
            ("localhost:70000", None),
            ("local host:1", None),
        ];
        for (address, parts) in cases {
            assert_eq!(split(address), parts, "{address}");
        }
    }

    #[test]
    fn takes_counts_apart() {
        let cases = [
            ("", Ok(vec![])),
            (" a : 5 , [::1]:0,", Ok(vec![("a", 5), ("::1", 0)])),
            ("a", Err("\"a\" is not of the form host:count")),
            ("a:1,b:-1", Err("\"b:-1\" is not of the form host:count")),
            (":1", Err("\":1\" is not of the form host:count")),
        ];
        for (text, expected) in cases {
            assert_eq!(counts(text), expected.map_err(str::to_owned), "{text}");
        }
    }
}
