//! `{id}`, `{pod}`, `{cluster}` and `{namespace}` in host names.

/// Replaces every placeholder by what `value` has for it.
///
/// # Errors
/// The first piece in braces that is no placeholder, or the brace without its partner.
pub(crate) fn fill(
    template: &str,
    value: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, braces) = rest.split_at(at);
        let (name, after) = braces
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .ok_or_else(|| format!("{template:?} has a brace without its partner"))?;
        filled.push_str(before);
        filled.push_str(&value(name).ok_or_else(|| format!("{{{name}}} stands for nothing"))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_what_it_knows_and_refuses_the_rest() {
        let value = |name: &str| (name == "id").then(|| "7".to_owned());
        let cases = [
            ("kafka.example.com", Some("kafka.example.com")),
            ("b{id}.example.com", Some("b7.example.com")),
            ("{id}{id}", Some("77")),
            ("b{pod}.example.com", None),
            ("b{}.example.com", None),
            ("b{id", None),
            ("b}id", None),
            ("{{id}}", None),
        ];
        for (template, expected) in cases {
            assert_eq!(
                fill(template, value).ok().as_deref(),
                expected,
                "{template}"
            );
        }
    }
}
