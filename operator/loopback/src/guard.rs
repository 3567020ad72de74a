//! Who may ask: only what was addressed to this machine by a loopback name. A page of a browser that
//! reaches this port under a name of its own (DNS rebinding) is refused. Pure.

use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderMap, Uri, header};

/// Why the request is refused, if it is.
pub(crate) fn refused(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let host = match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok()),
    };
    match host {
        None => return Some("the request does not say which host it is for".to_owned()),
        Some(host) if !is_loopback(host) => {
            return Some(format!(
                "host {host} is not this machine: ask 127.0.0.1, [::1] or localhost"
            ));
        }
        Some(_) => {}
    }
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        if !is_loopback(host) {
            return Some(format!("pages of {origin} may not ask"));
        }
    }
    None
}

fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    !authority.as_str().contains('@')
        && (host.eq_ignore_ascii_case("localhost")
            || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asked(host: Option<&str>, origin: Option<&str>) -> Option<String> {
        let mut headers = HeaderMap::new();
        let value = |text| HeaderValue::from_str(text).unwrap();
        if let Some(host) = host {
            headers.insert(header::HOST, value(host));
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, value(origin));
        }
        refused(&Uri::from_static("/api"), &headers)
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for host in [
            "127.0.0.1:6443",
            "127.9.9.9",
            "localhost:1",
            "LOCALHOST",
            "[::1]:80",
        ] {
            assert_eq!(asked(Some(host), None), None, "{host}");
        }
        for host in [
            "evil.example:6443",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "",
            "evil@127.0.0.1",
            "127.0.0.1@evil.example",
            "127.0.0.1, evil.example",
        ] {
            assert!(asked(Some(host), None).is_some(), "{host}");
        }
        assert!(asked(None, None).is_some());
    }

    #[test]
    fn pages_of_other_hosts_are_refused() {
        let host = Some("127.0.0.1:6443");
        for origin in [
            "http://localhost:3000",
            "http://127.0.0.1:6443",
            "https://[::1]",
        ] {
            assert_eq!(asked(host, Some(origin)), None, "{origin}");
        }
        for origin in ["null", "", "https://evil.example", "localhost"] {
            assert!(asked(host, Some(origin)).is_some(), "{origin}");
        }
    }

    #[test]
    fn the_authority_in_the_request_line_counts_more() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1"));
        let uri = Uri::from_static("http://evil.example/api");
        assert!(refused(&uri, &headers).is_some());
    }
}
