//! Whether two spellings of a setting mean the same. A broker may tell a value in its own spelling,
//! and what is only spelled differently must not be set again and again.

pub(crate) fn same_value(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    let numbers = || Some((a.parse::<i64>().ok()?, b.parse::<i64>().ok()?));
    let fractions = || Some((a.parse::<f64>().ok()?, b.parse::<f64>().ok()?));
    if a == b {
        return true;
    }
    if let Some((a, b)) = numbers() {
        return a == b;
    }
    if let Some((a, b)) = fractions() {
        return (a - b).abs() < f64::EPSILON;
    }
    let is_bool =
        |text: &str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    if is_bool(a) {
        return a.eq_ignore_ascii_case(b);
    }
    a.split(',').map(str::trim).eq(b.split(',').map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_count_and_meaning_does() {
        let same = [
            ("1", " 1 "),
            ("0010", "10"),
            ("0.5", "0.50"),
            ("TRUE", "true"),
            ("compact,delete", "compact, delete"),
            ("", ""),
        ];
        for (a, b) in same {
            assert!(same_value(a, b), "{a} {b}");
        }
        let different = [
            ("1", "2"),
            ("9223372036854775807", "9223372036854775806"),
            ("0.5", "0.6"),
            ("true", "false"),
            ("compact", "compact,delete"),
            ("LZ4", "lz4"),
            ("", "0"),
        ];
        for (a, b) in different {
            assert!(!same_value(a, b), "{a} {b}");
        }
    }
}
