//! Reading a value's text as its type, with Kafka's rules and Kafka's words.

use crate::key::Kind;

/// A value read as its type. Classes and passwords are text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Boolean(bool),
    Text(String),
    Int(i32),
    Short(i16),
    Long(i64),
    Double(f64),
    List(Vec<String>),
}

/// Most elements of a list value: far above any real one, low enough to bound a hostile one.
const MAX_LIST_ELEMENTS: usize = 10_000;

/// # Errors
/// The reason in Kafka's words when the text is no value of this type.
pub(crate) fn parse(kind: Kind, text: &str) -> Result<Value, String> {
    let trimmed = text.trim();
    match kind {
        Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        Kind::Boolean => Err("Expected value to be either true or false".to_owned()),
        Kind::String | Kind::Class => Ok(Value::Text(trimmed.to_owned())),
        Kind::Password => Ok(Value::Text(text.to_owned())),
        Kind::Int => number(kind, trimmed).map(Value::Int),
        Kind::Short => number(kind, trimmed).map(Value::Short),
        Kind::Long => number(kind, trimmed).map(Value::Long),
        Kind::Double => match number::<f64>(kind, trimmed) {
            Ok(value) if value.is_finite() => Ok(Value::Double(value)),
            Ok(_) => Err(not_a_number(kind)),
            Err(reason) => Err(reason),
        },
        Kind::List => list(trimmed).map(Value::List),
    }
}

fn number<N: std::str::FromStr>(kind: Kind, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| not_a_number(kind))
}

fn not_a_number(kind: Kind) -> String {
    format!("Not a number of type {}", kind.name())
}

/// The elements between commas, without the blanks around them; blank text is no element at all.
pub(crate) fn list(text: &str) -> Result<Vec<String>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    if text.bytes().filter(|&byte| byte == b',').count() >= MAX_LIST_ELEMENTS {
        return Err(format!("More than {MAX_LIST_ELEMENTS} elements"));
    }
    Ok(text.split(',').map(|part| part.trim().to_owned()).collect())
}

impl Value {
    /// The value as Kafka prints it.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Text(value) => value.clone(),
            Self::Int(value) => value.to_string(),
            Self::Short(value) => value.to_string(),
            Self::Long(value) => value.to_string(),
            Self::Double(value) => double_text(*value),
            Self::List(elements) => elements.join(","),
        }
    }
}

/// Java writes very large and very small doubles with an exponent and every other one with a
/// fraction.
fn double_text(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    let (digits, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let fraction = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{fraction}E{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_values_as_kafka_does() {
        let accepted = [
            (Kind::Boolean, "TRUE", "true"),
            (Kind::Int, " 1048576 ", "1048576"),
            (Kind::Long, "-1", "-1"),
            (Kind::Double, "1", "1.0"),
            (
                Kind::Double,
                "1.7976931348623157E308",
                "1.7976931348623157E308",
            ),
            (Kind::Double, "1e7", "1.0E7"),
            (Kind::Double, "0.0005", "5.0E-4"),
            (Kind::List, " compact , delete ", "compact,delete"),
            (Kind::List, "", ""),
            (Kind::Password, " x ", " x "),
            (Kind::String, " x ", "x"),
        ];
        for (kind, text, printed) in accepted {
            assert_eq!(
                parse(kind, text).map(|value| value.to_text()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_values_in_kafkas_words() {
        let refused = [
            (
                Kind::Boolean,
                "yes",
                "Expected value to be either true or false",
            ),
            (Kind::Int, "99999999999", "Not a number of type INT"),
            (Kind::Int, "", "Not a number of type INT"),
            (Kind::Double, "NaN", "Not a number of type DOUBLE"),
            (Kind::Short, "40000", "Not a number of type SHORT"),
        ];
        for (kind, text, reason) in refused {
            assert_eq!(parse(kind, text), Err(reason.to_owned()), "{text}");
        }
        let many = ",".repeat(MAX_LIST_ELEMENTS);
        assert!(parse(Kind::List, &many).is_err());
    }
}
