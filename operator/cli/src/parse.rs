//! Small values on the command line: settings, positions, times.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;

/// `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("expected name=value".to_owned()),
        }
    }
}

/// Where to begin or to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Beginning,
    End,
    Offset(i64),
    /// Milliseconds since 1970.
    Time(i64),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "beginning" | "earliest" => return Ok(Self::Beginning),
            "end" | "latest" => return Ok(Self::End),
            _ => {}
        }
        if let Ok(offset) = text.parse() {
            return (offset >= 0)
                .then_some(Self::Offset(offset))
                .ok_or_else(|| "an offset is not negative".to_owned());
        }
        time(text).map(Self::Time).ok_or_else(|| {
            "expected beginning, end, an offset, or a time like 2025-01-31T12:00:00Z".to_owned()
        })
    }
}

/// A time with its zone, or one in UTC without.
fn time(text: &str) -> Option<i64> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_millisecond());
    }
    let local: DateTime = text.parse().ok()?;
    let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(utc.timestamp().as_millisecond())
}

/// Milliseconds since 1970, as people read time.
pub(crate) fn shown_time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_many_names() {
        let cases = [
            ("beginning", Some(Place::Beginning)),
            ("latest", Some(Place::End)),
            ("42", Some(Place::Offset(42))),
            ("-1", None),
            ("1970-01-01T00:00:01Z", Some(Place::Time(1000))),
            ("1970-01-01T01:00:01+01:00", Some(Place::Time(1000))),
            ("1970-01-01T00:00:02", Some(Place::Time(2000))),
            ("yesterday", None),
        ];
        for (text, place) in cases {
            assert_eq!(text.parse().ok(), place, "{text}");
        }
        assert_eq!(shown_time(1000), "1970-01-01T00:00:01Z");
    }

    #[test]
    fn assignments_need_a_name() {
        let parsed: Assignment = "a=b=c".parse().unwrap();
        assert_eq!((parsed.name.as_str(), parsed.value.as_str()), ("a", "b=c"));
        for text in ["a", "=b", ""] {
            assert!(text.parse::<Assignment>().is_err(), "{text}");
        }
    }
}
