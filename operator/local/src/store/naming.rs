//! Names and uids that the API server gives: the same ones in every run.

/// What a generated name ends with: letters and digits that make no words and no mistakes.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const LETTERS: usize = 5;

/// Prefixes are cut so that the whole is a label.
const PREFIX_MOST: usize = 63 - LETTERS;

const UID_PREFIX: &str = "00000000-0000-4000-8000-";

/// The name number `count` that begins with `prefix`.
pub(crate) fn generated(prefix: &str, count: u64) -> String {
    let prefix = &prefix[..prefix.len().min(PREFIX_MOST)];
    // A bijection, so that numbers that follow each other do not look alike.
    let mut number = (count.wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> 16;
    let letters = (0..LETTERS).map(|_| {
        let index = usize::try_from(number % ALPHABET.len() as u64).unwrap_or_default();
        number /= ALPHABET.len() as u64;
        char::from(ALPHABET[index])
    });
    format!("{prefix}{}", letters.collect::<String>())
}

pub(crate) fn uid(count: u64) -> String {
    format!("{UID_PREFIX}{count:012}")
}

/// Which of the uids this is.
pub(crate) fn count(uid: &str) -> Option<u64> {
    uid.strip_prefix(UID_PREFIX)?.parse().ok()
}
