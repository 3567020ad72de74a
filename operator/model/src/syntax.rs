//! What names and addresses look like in Kubernetes and DNS.

use std::net::IpAddr;

/// A DNS label that begins with a letter: names that other names are made from.
pub(crate) fn is_dns_label(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && is_namespace(text)
}

pub(crate) fn is_namespace(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(legal) && has_plain_ends(text)
}

pub(crate) fn is_label_key(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let named = (1..=63).contains(&name.len()) && name.bytes().all(legal) && has_plain_ends(name);
    named && prefix.is_none_or(|prefix| is_host_name(prefix) && !has_capitals(prefix))
}

pub(crate) fn is_image_tag(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=128).contains(&text.len()) && text.bytes().all(legal) && !text.starts_with(['-', '.'])
}

/// A name or an address that clients can connect to.
pub(crate) fn is_host(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || is_host_name(text)
}

fn is_host_name(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(legal) && has_plain_ends(label)
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn has_plain_ends(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(plain) && text.ends_with(plain)
}

fn has_capitals(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_name_is_told_from_what_is_none() {
        let long = "x".repeat(64);
        type Case<'a> = (fn(&str) -> bool, &'a [&'a str], &'a [&'a str]);
        let cases: [Case<'_>; 5] = [
            (
                is_dns_label,
                &["a", "a-0"],
                &["", "0a", "a-", "A", "a.b", &long],
            ),
            (is_namespace, &["a", "0a"], &["", "-a", "a_b", &long]),
            (
                is_label_key,
                &["zone", "topology.kubernetes.io/zone", "A_b.c"],
                &["", "/zone", "a/b/c", "-a", "Ex.com/zone", &long],
            ),
            (
                is_image_tag,
                &["1.2.3", "v1_a-b"],
                &["", ".1", "-1", "a b", "a:b"],
            ),
            (
                is_host,
                &["a", "kafka.Example.com", "10.0.0.1", "::1"],
                &[
                    "", ".", "a..b", "a_b", "-a", "a b", "${env:X}", "a:1", &long,
                ],
            ),
        ];
        for (is, good, bad) in cases {
            for text in good {
                assert!(is(text), "{text}");
            }
            for text in bad {
                assert!(!is(text), "{text}");
            }
        }
    }
}
