//! Which values of a type a setting takes, beyond the type itself.

use std::fmt;

use crate::address;
use crate::value::Value;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    Any,
    Min(i64),
    Between(i64, i64),
    /// -1, or between the two.
    MinusOneOr(i64, i64),
    Fraction(f64, f64),
    OneOf(&'static [&'static str]),
    OneOfAnyCase(&'static [&'static str]),
    /// Every element of a list.
    EachOf(&'static [&'static str]),
    NotEmpty,
    /// `*`, or `partition:broker` pairs.
    ThrottledReplicas,
    /// `host:count` pairs.
    HostCounts,
    /// `latest`, `earliest` or `by_duration:` and an ISO 8601 duration.
    OffsetReset,
}

impl Check {
    /// # Errors
    /// The reason, in Kafka's words where Kafka has some.
    pub fn run(self, value: &Value) -> Result<(), String> {
        let refuse = |reason: String| Err(reason);
        match (self, value) {
            (Self::Min(min), _) if whole(value).is_some_and(|n| n < min) => {
                refuse(format!("Value must be at least {min}"))
            }
            (Self::Between(min, _), _) if whole(value).is_some_and(|n| n < min) => {
                refuse(format!("Value must be at least {min}"))
            }
            (Self::Between(_, max), _) if whole(value).is_some_and(|n| n > max) => {
                refuse(format!("Value must be no more than {max}"))
            }
            (Self::MinusOneOr(min, max), _)
                if whole(value).is_some_and(|n| n != -1 && !(min..=max).contains(&n)) =>
            {
                refuse(format!(
                    "Value must be between {min} and {max} or equal to -1"
                ))
            }
            (Self::Fraction(min, _), Value::Double(n)) if *n < min => {
                refuse(format!("Value must be at least {min}"))
            }
            (Self::Fraction(_, max), Value::Double(n)) if *n > max => {
                refuse(format!("Value must be no more than {max}"))
            }
            (Self::OneOf(known), Value::Text(text)) if !known.contains(&text.as_str()) => {
                refuse(format!("String must be one of: {}", known.join(", ")))
            }
            (Self::OneOfAnyCase(known), Value::Text(text))
                if !known.iter().any(|name| name.eq_ignore_ascii_case(text)) =>
            {
                refuse(format!(
                    "String must be one of (case insensitive): {}",
                    known.join(", ")
                ))
            }
            (Self::EachOf(known), Value::List(elements))
                if !elements.iter().all(|name| known.contains(&name.as_str())) =>
            {
                refuse(format!("String must be one of: {}", known.join(", ")))
            }
            (Self::NotEmpty, Value::Text(text)) if text.is_empty() => {
                refuse("String must be non-empty".to_owned())
            }
            (Self::ThrottledReplicas, Value::List(elements)) if !throttled(elements) => refuse(
                "must be the literal '*' or a list of replicas in the following format: \
                 [partitionId]:[brokerId],[partitionId]:[brokerId],..."
                    .to_owned(),
            ),
            (Self::HostCounts, Value::Text(text)) => address::counts(text).map(drop),
            (Self::OffsetReset, Value::Text(text)) if !offset_reset(text) => refuse(
                "must be 'latest', 'earliest' or of the format 'by_duration:<duration>' \
                 with a positive ISO 8601 duration"
                    .to_owned(),
            ),
            _ => Ok(()),
        }
    }
}

/// What the reference page says under "valid values".
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Min(min) => write!(f, "at least {min}"),
            Self::Between(min, max) => write!(f, "{min} to {max}"),
            Self::MinusOneOr(min, max) => write!(f, "-1, or {min} to {max}"),
            Self::Fraction(min, max) => write!(f, "{min} to {max}"),
            Self::OneOf(known) | Self::OneOfAnyCase(known) | Self::EachOf(known) => {
                f.write_str(&known.join(", "))
            }
            Self::NotEmpty => f.write_str("not empty"),
            Self::ThrottledReplicas => f.write_str("`*`, or `partition:broker`, …"),
            Self::HostCounts => f.write_str("`host:count`, …"),
            Self::OffsetReset => f.write_str("latest, earliest, `by_duration:PnDTnHnMnS`"),
        }
    }
}

fn whole(value: &Value) -> Option<i64> {
    match *value {
        Value::Int(n) => Some(i64::from(n)),
        Value::Short(n) => Some(i64::from(n)),
        Value::Long(n) => Some(n),
        _ => None,
    }
}

fn throttled(elements: &[String]) -> bool {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match elements {
        [] => true,
        [all] if all == "*" => true,
        pairs => pairs.iter().all(|pair| {
            pair.split_once(':')
                .is_some_and(|(partition, broker)| is_id(partition) && is_id(broker))
        }),
    }
}

fn offset_reset(text: &str) -> bool {
    match text.split_once(':') {
        None => text == "latest" || text == "earliest",
        Some((kind, duration)) => kind == "by_duration" && is_duration(duration),
    }
}

/// Days, hours, minutes and seconds of ISO 8601, each at most once and in that order.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return false,
        None => (rest, ""),
    };
    !(date.is_empty() && time.is_empty()) && units(date, "D") && units(time, "HMS")
}

fn units(mut text: &str, mut allowed: &str) -> bool {
    while !text.is_empty() {
        let digits = text
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let (number, rest) = text.split_at(digits);
        let Some(unit) = rest.chars().next() else {
            return false;
        };
        let fraction_ok = unit == 'S' || !number.contains('.');
        let Some((_, later)) = allowed.split_once(unit) else {
            return false;
        };
        if number.parse::<f64>().is_err() || !fraction_ok {
            return false;
        }
        (text, allowed) = (&rest[unit.len_utf8()..], later);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn list(elements: &[&str]) -> Value {
        Value::List(elements.iter().map(|&e| e.to_owned()).collect())
    }

    #[test]
    fn accepts_what_the_check_allows_and_refuses_the_rest() {
        let cases = [
            (Check::Min(1), Value::Int(1), true),
            (Check::Min(1), Value::Long(0), false),
            (Check::Between(2, 10), Value::Int(11), false),
            (Check::MinusOneOr(1, 9), Value::Int(-1), true),
            (Check::MinusOneOr(1, 9), Value::Int(0), false),
            (Check::Fraction(0.0, 1.0), Value::Double(1.5), false),
            (Check::OneOf(&["a", "b"]), text("b"), true),
            (Check::OneOf(&["a", "b"]), text("B"), false),
            (Check::OneOfAnyCase(&["A"]), text("a"), true),
            (Check::EachOf(&["a"]), list(&["a", "c"]), false),
            (Check::EachOf(&["a"]), list(&[]), true),
            (Check::ThrottledReplicas, list(&["*"]), true),
            (Check::ThrottledReplicas, list(&["*", "1:2"]), false),
            (Check::ThrottledReplicas, list(&["1:2", "3:4"]), true),
            (Check::ThrottledReplicas, list(&["none"]), false),
            (Check::ThrottledReplicas, list(&["1:x"]), false),
            (Check::OffsetReset, text("earliest"), true),
            (Check::OffsetReset, text("by_duration:P3DT2H"), true),
            (Check::OffsetReset, text("by_duration:PT0.5S"), true),
            (Check::OffsetReset, text("by_duration:3 days"), false),
            (Check::OffsetReset, text("by_duration:PT"), false),
            (Check::OffsetReset, text("none"), false),
        ];
        for (check, value, accepted) in cases {
            assert_eq!(check.run(&value).is_ok(), accepted, "{check:?} {value:?}");
        }
    }
}
