//! `host:port`, where an IPv6 host stands in brackets.

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
}
