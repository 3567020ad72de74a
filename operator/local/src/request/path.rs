//! What a path names.

use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::store::Part;

/// A path to objects of a kind.
pub(crate) struct Path<'a> {
    pub(crate) kind: &'static Kind,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) part: Part,
    /// The old way to ask for a watch: `/watch/` before the rest.
    pub(crate) watches: bool,
}

impl<'a> Path<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, Refusal> {
        let mut segments = text.trim_matches('/').split('/').peekable();
        let mut next = || segments.next().unwrap_or_default();
        let (group, version) = match next() {
            "api" => ("", next()),
            "apis" => (next(), next()),
            _ => return Err(not_served(text)),
        };
        let mut first = next();
        let watches = first == "watch";
        if watches {
            first = next();
        }
        let (namespace, plural, name) = if first == "namespaces" {
            match (next(), next()) {
                (name, "") => ("", "namespaces", name),
                (name, "status") if group.is_empty() => return Self::of_namespace(name, text),
                (namespace, plural) => (namespace, plural, next()),
            }
        } else {
            ("", first, next())
        };
        let kind = Kind::of_path(group, version, plural).ok_or_else(|| not_served(text))?;
        if !namespace.is_empty() && !kind.namespaced {
            return Err(not_served(text));
        }
        let part = match next() {
            "" => Part::Main,
            "status" if kind.has_status => Part::Status,
            "scale" if kind.scale.is_some() => Part::Scale,
            _ => return Err(not_served(text)),
        };
        if !next().is_empty() {
            return Err(not_served(text));
        }
        Ok(Self {
            kind,
            namespace,
            name,
            part,
            watches,
        })
    }

    fn of_namespace(name: &'a str, text: &str) -> Result<Self, Refusal> {
        let kind = Kind::of_path("", "v1", "namespaces").ok_or_else(|| not_served(text))?;
        Ok(Self {
            kind,
            namespace: "",
            name,
            part: Part::Status,
            watches: false,
        })
    }
}

fn not_served(path: &str) -> Refusal {
    Refusal::NotServed {
        path: path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_objects_and_their_parts() {
        let cases = [
            ("/api/v1/namespaces", "Namespace//"),
            ("/api/v1/namespaces/a", "Namespace//a"),
            ("/api/v1/namespaces/a/status", "Namespace//a Status"),
            ("/api/v1/namespaces/a/pods", "Pod/a/"),
            ("/api/v1/namespaces/a/pods/b/status", "Pod/a/b Status"),
            ("/api/v1/pods", "Pod//"),
            (
                "/apis/apps/v1/namespaces/a/statefulsets/b/scale",
                "StatefulSet/a/b Scale",
            ),
            ("/apis/millrace.dev/v1alpha1/kafkatopics", "KafkaTopic//"),
            ("/api/v1/namespaces/a/pods/b/log", ""),
            ("/api/v1/namespaces/a/nodes/b", ""),
            ("/apis/apps/v1/deployments", ""),
            ("/healthz", ""),
        ];
        for (text, expected) in cases {
            let found = Path::read(text).map_or_else(
                |_| String::new(),
                |path| {
                    let part = match path.part {
                        Part::Main => String::new(),
                        part => format!(" {part:?}"),
                    };
                    format!("{}/{}/{}{part}", path.kind.kind, path.namespace, path.name)
                },
            );
            assert_eq!(found, expected, "{text}");
        }
    }
}
