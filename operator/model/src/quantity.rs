//! Kubernetes' quantities, `10Gi` or `1.5G` or `1e9`, in whole bytes.

/// More digits than any number of bytes has.
const MAX_DIGITS: usize = 30;

/// A quantity in whole bytes, when it is one.
#[must_use]
pub fn quantity_bytes(text: &str) -> Option<u64> {
    parse_bytes(text).ok()
}

/// Fractions of a byte are rounded up, as Kubernetes does.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let unreadable = || format!("{text:?} is not a quantity of bytes");
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return Err(unreadable());
    }
    // A second point is no digit.
    let digits: u128 = digits.parse().map_err(|_| unreadable())?;
    let scale = Scale::parse(suffix).ok_or_else(unreadable)?;
    let too_much = || format!("{text:?} is more than can be counted");
    let decimals = u32::try_from(fraction.len()).map_err(|_| unreadable())?;
    let divisor = power_of_ten(decimals).and_then(|ten| ten.checked_mul(scale.divisor));
    let product = digits.checked_mul(scale.factor);
    let (product, divisor) = product.zip(divisor).ok_or_else(too_much)?;
    u64::try_from(product.div_ceil(divisor)).map_err(|_| too_much())
}

/// What a suffix multiplies by, and divides by.
struct Scale {
    factor: u128,
    divisor: u128,
}

impl Scale {
    fn parse(suffix: &str) -> Option<Self> {
        let power = |factor| Some(Self { factor, divisor: 1 });
        let part = |divisor| Some(Self { factor: 1, divisor });
        match suffix {
            "" => power(1),
            "n" => part(1_000_000_000),
            "u" => part(1_000_000),
            "m" => part(1_000),
            "k" => power(1_000),
            "M" => power(1_000_000),
            "G" => power(1_000_000_000),
            "T" => power(1_000_000_000_000),
            "P" => power(1_000_000_000_000_000),
            "E" => power(1_000_000_000_000_000_000),
            "Ki" => power(1 << 10),
            "Mi" => power(1 << 20),
            "Gi" => power(1 << 30),
            "Ti" => power(1 << 40),
            "Pi" => power(1 << 50),
            "Ei" => power(1 << 60),
            _ => Self::exponent(suffix.strip_prefix(['e', 'E'])?),
        }
    }

    fn exponent(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let power = power_of_ten(digits.parse().ok()?)?;
        let (factor, divisor) = if negative { (1, power) } else { (power, 1) };
        Some(Self { factor, divisor })
    }
}

fn power_of_ten(exponent: u32) -> Option<u128> {
    10_u128.checked_pow(exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_kubernetes_reads() {
        let cases = [
            ("0", Some(0)),
            ("128", Some(128)),
            ("10Gi", Some(10_737_418_240)),
            ("1.5Gi", Some(1_610_612_736)),
            ("1.5G", Some(1_500_000_000)),
            (".5k", Some(500)),
            ("5.k", Some(5_000)),
            ("1E", Some(1_000_000_000_000_000_000)),
            ("1E3", Some(1_000)),
            ("1e+3", Some(1_000)),
            ("1500e-3", Some(2)),
            ("1500m", Some(2)),
            ("1n", Some(1)),
            ("15Ei", Some(17_293_822_569_102_704_640)),
            ("16Ei", None),
            ("", None),
            (".", None),
            ("Gi", None),
            ("-1", None),
            ("+1", None),
            ("1.2.3", None),
            ("1 Gi", None),
            ("1gi", None),
            ("1K", None),
            ("1e", None),
            ("1e99", None),
            ("1e--3", None),
            ("1e+-3", None),
            ("10GB", None),
            ("1ä", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_bytes(text).ok(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn binary_and_decimal_suffixes_multiply(count in 0_u64..1_000_000, step in 0_usize..4) {
            let (decimal, binary) = (["", "k", "M", "G"][step], ["", "Ki", "Mi", "Gi"][step]);
            let step = u32::try_from(step).unwrap();
            prop_assert_eq!(parse_bytes(&format!("{count}{decimal}")), Ok(count * 1000_u64.pow(step)));
            prop_assert_eq!(parse_bytes(&format!("{count}{binary}")), Ok(count * 1024_u64.pow(step)));
        }

        #[test]
        fn no_text_is_a_panic(text in ".*") {
            let _ = parse_bytes(&text);
        }

        #[test]
        fn numbers_with_any_tail_are_no_panic(text in "[0-9.]{0,40}[a-zA-Z]{0,2}[+-]?[0-9]{0,12}") {
            let _ = parse_bytes(&text);
        }
    }
}
