//! Which partition of the offsets topic holds a group. Clients and tools compute the same.

use millrace_types::PartitionIndex;

/// The partition of `group_id` among `partitions`: Java's string hash, made positive, modulo.
/// Fewer than one partition counts as one.
#[must_use]
pub fn group_partition(group_id: &str, partitions: PartitionIndex) -> PartitionIndex {
    // `Utils.abs`: the sign is dropped, not the bit; only the smallest hash has no counterpart.
    java_string_hash(group_id).checked_abs().unwrap_or(0) % partitions.max(1)
}

/// Java hashes UTF-16 units, not characters or bytes.
fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_java_does() {
        // Values of java.lang.String.hashCode.
        for (text, hash) in [
            ("", 0),
            ("a", 97),
            ("group", 98_629_247),
            ("console-consumer-12345", 158_455_506),
            ("\u{1f980}", 1_772_802),
            ("polygenelubricants", i32::MIN),
        ] {
            assert_eq!(java_string_hash(text), hash, "{text}");
        }
    }

    #[test]
    fn negative_hashes_and_odd_counts_stay_in_range() {
        for text in ["polygenelubricants", "g", "", "\u{e4}\u{f6}"] {
            for partitions in [1, 50, i32::MAX, 0, -1] {
                let partition = group_partition(text, partitions);
                assert!((0..partitions.max(1)).contains(&partition), "{text}");
            }
        }
    }
}
