//! `$(NAME)` in arguments and variables. Pure.

/// Fills in what is known; what is not stays as it is, and `$$` is a dollar sign.
pub(crate) fn expand(text: &str, known: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
            continue;
        }
        let name = rest
            .strip_prefix("$(")
            .and_then(|rest| rest.split_once(')'));
        let value = name.and_then(|(name, after)| {
            let mut latest_first = known.iter().rev();
            let (_, value) = latest_first.find(|(one, _)| one == name)?;
            Some((value, after))
        });
        match value {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_filled_in_once() {
        let known = [("A", "1"), ("B", "$(A)"), ("A", "2")];
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let cases = [
            ("x-$(A)-y", "x-2-y"),
            ("$(B)", "$(A)"),
            ("$$(A)", "$(A)"),
            ("$(C) $A $(A", "$(C) $A $(A"),
            ("5$", "5$"),
        ];
        for (text, expected) in cases {
            assert_eq!(expand(text, &known), expected);
        }
    }
}
