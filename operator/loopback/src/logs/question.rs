//! What `kubectl logs` asks for. Pure.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Which lines of which container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) container: Option<String>,
    pub(crate) previous: bool,
    pub(crate) follow: bool,
    /// So many of the last lines.
    pub(crate) tail: Option<u64>,
    /// Lines from then on.
    pub(crate) since: Option<Timestamp>,
    /// So many bytes.
    pub(crate) limit: Option<u64>,
    /// Each line with the time at which it was written.
    pub(crate) timestamps: bool,
}

impl Question {
    /// Reads a query; the error says what is wrong with it.
    pub(crate) fn read(query: &str, now: Timestamp) -> Result<Self, String> {
        let mut question = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let flag = || match value.as_ref() {
                "true" | "1" | "" => Ok(true),
                "false" | "0" => Ok(false),
                other => Err(format!("{name} is true or false, not {other}")),
            };
            let number = || {
                let number = value.parse::<u64>();
                number.map_err(|_| format!("{name} is a number, not {value}"))
            };
            match name.as_ref() {
                "container" => question.container = Some(value.into_owned()),
                "previous" => question.previous = flag()?,
                "follow" => question.follow = flag()?,
                "tailLines" => question.tail = Some(number()?),
                "limitBytes" => question.limit = Some(number()?),
                "sinceSeconds" => {
                    let seconds = i64::try_from(number()?).unwrap_or(i64::MAX);
                    let since = now.checked_sub(SignedDuration::from_secs(seconds));
                    question.since = Some(since.unwrap_or(Timestamp::MIN));
                }
                "sinceTime" => {
                    let time = value.parse();
                    let time = time.map_err(|_| format!("{name} is a time, not {value}"))?;
                    question.since = Some(time);
                }
                "timestamps" => question.timestamps = flag()?,
                "stream" if value != "All" => {
                    return Err(format!(
                        "{name} {value} is not served: both are told together"
                    ));
                }
                _ => {}
            }
        }
        Ok(question)
    }
}

/// The container that is meant, or why that cannot be told.
pub(crate) fn container(pod: &Value, named: Option<&str>) -> Result<String, String> {
    let names = |field: &str| -> Vec<&str> {
        let containers = pod["spec"][field].as_array().into_iter().flatten();
        containers.filter_map(|one| one["name"].as_str()).collect()
    };
    let (all, init) = (names("containers"), names("initContainers"));
    let pod = pod["metadata"]["name"].as_str().unwrap_or_default();
    match named.filter(|named| !named.is_empty()) {
        Some(named) if all.contains(&named) || init.contains(&named) => Ok(named.to_owned()),
        Some(named) => Err(format!("container {named} is not valid for pod {pod}")),
        None => match *all.as_slice() {
            [one] => Ok(one.to_owned()),
            _ => Err(format!(
                "a container name must be specified for pod {pod}, choose one of: [{}]",
                [all, init].concat().join(" ")
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries_are_read() {
        let now: Timestamp = "2026-01-01T00:01:00Z".parse().unwrap();
        let read = |query: &str| Question::read(query, now);
        let nothing = Question::default();
        assert_eq!(read(""), Ok(nothing.clone()));
        assert_eq!(
            read(
                "container=a&follow=true&tailLines=5&limitBytes=9&previous=1&sinceSeconds=60&timestamps=true"
            ),
            Ok(Question {
                container: Some("a".to_owned()),
                previous: true,
                follow: true,
                tail: Some(5),
                limit: Some(9),
                since: Some("2026-01-01T00:00:00Z".parse().unwrap()),
                timestamps: true,
            })
        );
        assert_eq!(
            read("timestamps=false&insecureSkipTLSVerifyBackend=true"),
            Ok(nothing)
        );
        for wrong in [
            "tailLines=-1",
            "follow=perhaps",
            "sinceTime=noon",
            "timestamps=often",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pod_with_one_container_needs_no_name() {
        let one = json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a"}]}});
        assert_eq!(container(&one, None), Ok("a".to_owned()));
        assert_eq!(container(&one, Some("a")), Ok("a".to_owned()));
        assert!(container(&one, Some("b")).is_err());
        let two = json!({"metadata": {"name": "p"}, "spec": {
            "containers": [{"name": "a"}, {"name": "b"}], "initContainers": [{"name": "c"}]}});
        assert_eq!(
            container(&two, None).unwrap_err(),
            "a container name must be specified for pod p, choose one of: [a b c]"
        );
        assert_eq!(container(&two, Some("c")), Ok("c".to_owned()));
    }
}
