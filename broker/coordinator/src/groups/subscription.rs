//! Reads the topics out of a consumer's subscription, the metadata of the `consumer` protocol type.
//! Every version begins with version 0's fields, so that is all that is read. Nothing is written.

use std::sync::Arc;

/// The protocol type of consumers, as opposed to that of Connect workers and others.
pub(crate) const CONSUMER_PROTOCOL_TYPE: &str = "consumer";

/// Topics that one member may subscribe to; a topic takes at least three bytes of metadata.
const MAX_TOPICS: usize = 100_000;

/// The subscribed topics, or nothing when the bytes are not a subscription.
pub(crate) fn topics(metadata: &[u8]) -> Option<Vec<Arc<str>>> {
    let (_version, rest) = int16(metadata)?;
    let (count, mut rest) = rest.split_first_chunk::<4>()?;
    let count = usize::try_from(i32::from_be_bytes(*count)).ok()?;
    if count > MAX_TOPICS {
        return None;
    }
    let mut topics = Vec::new();
    for _ in 0..count {
        let (length, after) = int16(rest)?;
        let (name, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        topics.push(Arc::from(std::str::from_utf8(name).ok()?));
        rest = after;
    }
    Some(topics)
}

fn int16(bytes: &[u8]) -> Option<(i16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<2>()?;
    Some((i16::from_be_bytes(*head), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_topics_and_refuses_the_rest() {
        let two = b"\x00\x01\0\0\0\x02\0\x01a\0\x02bc\xff\xff\xff\xffmore";
        let names: Vec<Arc<str>> = vec![Arc::from("a"), Arc::from("bc")];
        assert_eq!(topics(two), Some(names));
        assert_eq!(topics(b"\0\0\0\0\0\0"), Some(Vec::new()));
        let broken: &[&[u8]] = &[
            b"",
            b"\0",
            b"\0\0\0\0",
            b"\0\0\0\0\0\x01",
            b"\0\0\0\0\0\x01\0\x05abc",
            b"\0\0\0\0\0\x01\xff\xff",
            b"\0\0\x7f\xff\xff\xff\0\0",
            b"\0\0\xff\xff\xff\xff",
            b"\0\0\0\0\0\x01\0\x01\xff",
        ];
        for bytes in broken {
            assert_eq!(topics(bytes), None, "{bytes:?}");
        }
    }
}
