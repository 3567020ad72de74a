//! The form in which a client wants its answer. Pure.

use http::{HeaderMap, header};

/// What `Accept` asks for first among what can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON as it is stored, or only its metadata: the API itself knows which.
    Plain,
    /// Rows to print.
    Table,
    /// Discovery in one document.
    Discovery,
}

/// The form of the answer, or `None` when nothing that is accepted can be had.
pub(crate) fn form(headers: &HeaderMap) -> Option<Form> {
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    if accepted.is_empty() {
        return Some(Form::Plain);
    }
    accepted.into_iter().find_map(clause)
}

fn clause(text: &str) -> Option<Form> {
    let mut parts = text.split(';').map(str::trim);
    match parts.next()? {
        "application/json" | "application/*" | "*/*" => {}
        _ => return None,
    }
    let (mut kind, mut group, mut version) = ("", "", "");
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        match name {
            "as" => kind = value,
            "g" => group = value,
            "v" => version = value,
            _ => {}
        }
    }
    match (kind, group, version) {
        ("", ..) => Some(Form::Plain),
        ("Table", "meta.k8s.io", "v1") => Some(Form::Table),
        ("PartialObjectMetadata" | "PartialObjectMetadataList", "meta.k8s.io", "v1") => {
            Some(Form::Plain)
        }
        ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2") => Some(Form::Discovery),
        _ => None,
    }
}

#[test]
fn the_first_form_that_can_be_had_is_taken() {
    let cases = [
        (None, Some(Form::Plain)),
        (Some("*/*"), Some(Form::Plain)),
        (Some("application/json"), Some(Form::Plain)),
        (
            Some(
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
            ),
            Some(Form::Table),
        ),
        (
            Some("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"),
            Some(Form::Plain),
        ),
        (
            Some("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
            Some(Form::Plain),
        ),
        (
            Some(
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
            ),
            Some(Form::Discovery),
        ),
        (
            Some("application/vnd.kubernetes.protobuf, application/json"),
            Some(Form::Plain),
        ),
        (Some("application/vnd.kubernetes.protobuf"), None),
        (Some("application/yaml"), None),
        (Some("application/json;as=Table;v=v2;g=meta.k8s.io"), None),
    ];
    for (accept, expected) in cases {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, accept.parse().unwrap());
        }
        assert_eq!(form(&headers), expected, "{accept:?}");
    }
}
