//! Files of the lab from their templates: `@NAME@` stands for a value.

use anyhow::{Result, bail};

/// `template` with every `@KEY@` replaced; a key that nobody gave is an error.
pub(crate) fn render(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut text = template.to_owned();
    for (key, value) in values {
        text = text.replace(&format!("@{key}@"), value);
    }
    if let Some(left) = text.split('@').skip(1).step_by(2).find(|word| is_key(word)) {
        bail!("nothing given for @{left}@");
    }
    Ok(text)
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

#[test]
fn values_are_put_in_and_a_missing_one_is_named() {
    let rendered = render("a: @X@\nb: @X@@Y@", &[("X", "1"), ("Y", "2")]);
    assert_eq!(rendered.unwrap(), "a: 1\nb: 12");
    let error = render("a: @Z@", &[("X", "1")]).unwrap_err();
    assert_eq!(error.to_string(), "nothing given for @Z@");
}
