//! Durations as people write them, `7d` or `1h30m`, in milliseconds.

/// How Kafka's configs write "no limit".
pub(crate) const UNLIMITED: i64 = -1;

const UNITS: &[(&str, i64)] = &[
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// # Errors
/// What is wrong with the text.
pub(crate) fn parse_millis(text: &str) -> Result<i64, String> {
    if text == "unlimited" {
        return Ok(UNLIMITED);
    }
    let mut total = 0_i64;
    let mut rest = text;
    while !rest.is_empty() || text.is_empty() {
        let (millis, after) =
            leading_part(rest).ok_or_else(|| format!("{text:?} is not a duration"))?;
        total = millis
            .and_then(|millis| total.checked_add(millis))
            .ok_or_else(|| format!("{text:?} is longer than can be counted"))?;
        rest = after;
    }
    Ok(total)
}

/// The first number with its unit in milliseconds, `None` when that is too many, and what follows.
fn leading_part(text: &str) -> Option<(Option<i64>, &str)> {
    let (digits, rest) = split_where(text, |c| !c.is_ascii_digit());
    let (unit, rest) = split_where(rest, |c| c.is_ascii_digit());
    let &(_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
    if digits.is_empty() {
        return None;
    }
    let count: Option<i64> = digits.parse().ok();
    Some((count.and_then(|count| count.checked_mul(scale)), rest))
}

fn split_where(text: &str, end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(end).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        let cases = [
            ("unlimited", Some(-1)),
            ("0s", Some(0)),
            ("250ms", Some(250)),
            ("90s", Some(90_000)),
            ("1h30m", Some(5_400_000)),
            ("7d", Some(604_800_000)),
            ("2w", Some(1_209_600_000)),
            ("30m1h", Some(5_400_000)),
            ("36500d", Some(3_153_600_000_000)),
            ("", None),
            ("7", None),
            ("-7d", None),
            ("7 d", None),
            ("1.5h", None),
            ("P7D", None),
            ("PT1H", None),
            ("1mo", None),
            ("1y", None),
            ("d", None),
            ("1us", None),
            ("Unlimited", None),
            ("99999999999999d", None),
            ("7d ago", None),
            ("7ä", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_millis(text).ok(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_count_of_every_unit_is_what_it_says(days in 0_i64..30_000, hours in 0_i64..1000, seconds in 0_i64..100_000) {
            let text = format!("{days}d{hours}h{seconds}s");
            let expected = ((days * 24 + hours) * 3600 + seconds) * 1000;
            prop_assert_eq!(parse_millis(&text), Ok(expected));
        }

        #[test]
        fn no_text_is_a_panic(text in ".*") {
            let _ = parse_millis(&text);
        }
    }
}
