//! Which part answers a path. Pure.

use millrace_local::{Kind, kinds};

use crate::resource::DEFINITIONS;

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Health,
    Version,
    /// `/api` and `/apis`.
    Core,
    Groups,
    Group(&'a str),
    Resources {
        group: &'a str,
        version: &'a str,
    },
    SchemaIndex,
    /// The rest of the path.
    Schemas(&'a str),
    MayI,
    /// All definitions, or one by its name.
    Definitions(Option<&'a str>),
    Log {
        namespace: &'a str,
        pod: &'a str,
    },
    /// What only a machine with containers could do, with its name.
    NeedsContainers(&'a str),
    /// Objects, of a kind if it is known.
    Objects(Option<&'static Kind>),
}

/// Subresources of pods that end in a container.
const NEED_CONTAINERS: &[&str] = &[
    "attach",
    "ephemeralcontainers",
    "exec",
    "portforward",
    "proxy",
];

pub(crate) fn route(path: &str) -> Route<'_> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match *segments.as_slice() {
        ["healthz" | "livez" | "readyz", ..] => Route::Health,
        ["version"] => Route::Version,
        ["api"] => Route::Core,
        ["apis"] => Route::Groups,
        ["apis", group] => Route::Group(group),
        ["api", version] => Route::Resources { group: "", version },
        ["apis", group, version] => Route::Resources { group, version },
        ["openapi", "v3"] => Route::SchemaIndex,
        ["openapi", "v3", ..] => {
            let rest = path.trim_matches('/').trim_start_matches("openapi/v3/");
            Route::Schemas(rest)
        }
        [
            "apis",
            "authorization.k8s.io",
            "v1",
            "selfsubjectaccessreviews",
        ] => Route::MayI,
        ["apis", group, version, plural, ref name @ ..]
            if (group, version, plural)
                == (DEFINITIONS.group, DEFINITIONS.version, DEFINITIONS.plural)
                && name.len() < 2 =>
        {
            Route::Definitions(name.first().copied())
        }
        ["api", "v1", "namespaces", namespace, "pods", pod, "log"] => Route::Log { namespace, pod },
        ["api", "v1", "namespaces", _, "pods", _, part, ..] if NEED_CONTAINERS.contains(&part) => {
            Route::NeedsContainers(part)
        }
        ["api", version, ref rest @ ..] => Route::Objects(kind("", version, rest)),
        ["apis", group, version, ref rest @ ..] => Route::Objects(kind(group, version, rest)),
        _ => Route::Objects(None),
    }
}

/// The kind whose objects a path names, not that of a subresource.
fn kind(group: &str, version: &str, rest: &[&str]) -> Option<&'static Kind> {
    let plural = match *rest {
        ["namespaces", _, "status"] => "namespaces",
        ["namespaces", _, plural] | ["namespaces", _, plural, _] => plural,
        ["namespaces", _, plural, _, "status"] => plural,
        [plural] | [plural, _] | [plural, _, "status"] => plural,
        _ => return None,
    };
    kinds()
        .iter()
        .find(|kind| (kind.group, kind.version, kind.plural) == (group, version, plural))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_their_part() {
        let cases = [
            ("/healthz", Route::Health),
            ("/readyz/ping", Route::Health),
            ("/api", Route::Core),
            ("/apis/", Route::Groups),
            ("/apis/apps", Route::Group("apps")),
            (
                "/apis/apps/v1",
                Route::Resources {
                    group: "apps",
                    version: "v1",
                },
            ),
            ("/openapi/v3", Route::SchemaIndex),
            ("/openapi/v3/apis/apps/v1", Route::Schemas("apis/apps/v1")),
            (
                "/api/v1/namespaces/a/pods/b/log",
                Route::Log {
                    namespace: "a",
                    pod: "b",
                },
            ),
            (
                "/api/v1/namespaces/a/pods/b/exec",
                Route::NeedsContainers("exec"),
            ),
            (
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                Route::Definitions(None),
            ),
            (
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/a",
                Route::Definitions(Some("a")),
            ),
            ("/openapi/v2", Route::Objects(None)),
            ("/", Route::Objects(None)),
        ];
        for (path, expected) in cases {
            assert_eq!(route(path), expected, "{path}");
        }
    }

    #[test]
    fn objects_are_of_the_kind_that_their_path_names() {
        let cases = [
            ("/api/v1/pods", Some("Pod")),
            ("/api/v1/namespaces/a/pods", Some("Pod")),
            ("/api/v1/namespaces/a/pods/b", Some("Pod")),
            ("/api/v1/namespaces/a/pods/b/status", Some("Pod")),
            ("/api/v1/namespaces", Some("Namespace")),
            ("/api/v1/namespaces/a", Some("Namespace")),
            ("/api/v1/namespaces/a/status", Some("Namespace")),
            ("/api/v1/nodes/a/status", Some("Node")),
            ("/apis/apps/v1/namespaces/a/statefulsets/b/scale", None),
            ("/apis/apps/v1/namespaces/a/deployments", None),
            (
                "/apis/millrace.dev/v1alpha1/kafkatopics",
                Some("KafkaTopic"),
            ),
        ];
        for (path, expected) in cases {
            let Route::Objects(found) = route(path) else {
                panic!("{path} is of objects");
            };
            assert_eq!(found.map(|kind| kind.kind), expected, "{path}");
        }
    }
}
