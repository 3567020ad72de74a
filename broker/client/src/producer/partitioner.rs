//! Which partition a record goes to. Pure but for what it remembers of the last choice.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::producer::record::ProducerRecord;

/// Bytes that one partition gets before the next has its turn: enough to fill batches, few enough
/// that all partitions get their share.
const STAY_BYTES: usize = 16 * 1024;

/// Records with a key go where Java's client sends them; others stay with one partition for a
/// while, so that batches fill.
#[derive(Debug, Default)]
pub(crate) struct Partitioner {
    current: Mutex<HashMap<Arc<str>, Stay>>,
}

#[derive(Debug, Default)]
struct Stay {
    index: usize,
    bytes: usize,
}

impl Partitioner {
    pub(crate) fn choose(&self, record: &ProducerRecord, partitions: usize) -> i32 {
        let partitions = partitions.max(1);
        let index = match &record.key {
            Some(key) => murmur2(key) as usize % partitions,
            None => self.stay(record) % partitions,
        };
        i32::try_from(index).unwrap_or_default()
    }

    fn stay(&self, record: &ProducerRecord) -> usize {
        let mut current = self.current.lock();
        if !current.contains_key(&record.topic) {
            current.insert(Arc::clone(&record.topic), Stay::default());
        }
        let Some(stay) = current.get_mut(&record.topic) else {
            return 0;
        };
        if stay.bytes >= STAY_BYTES {
            stay.index = stay.index.wrapping_add(1);
            stay.bytes = 0;
        }
        stay.bytes += record.size();
        stay.index
    }
}

/// The hash of Java's default partitioner, without its sign.
fn murmur2(key: &[u8]) -> u32 {
    const MIX: u32 = 0x5bd1_e995;
    const SEED: u32 = 0x9747_b28c;
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let mut hash = SEED ^ length;
    let (words, tail) = key.as_chunks::<4>();
    for word in words {
        let mut part = u32::from_le_bytes(*word).wrapping_mul(MIX);
        part = (part ^ (part >> 24)).wrapping_mul(MIX);
        hash = hash.wrapping_mul(MIX) ^ part;
    }
    if !tail.is_empty() {
        let folded = tail
            .iter()
            .rev()
            .fold(0, |sum, &byte| (sum << 8) | u32::from(byte));
        hash = (hash ^ folded).wrapping_mul(MIX);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(MIX);
    (hash ^ (hash >> 15)) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// As Java's `Utils.murmur2` gives them, without the sign.
    #[test]
    fn keys_hash_as_in_java() {
        let cases: [(&[u8], i32); 6] = [
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (
                b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58_897_971,
            ),
            (b"abc", 479_470_107),
        ];
        for (key, java) in cases {
            assert_eq!(murmur2(key), (java & i32::MAX).unsigned_abs());
        }
    }

    #[test]
    fn records_without_a_key_stay_a_while_and_then_go_on() {
        let partitioner = Partitioner::default();
        let record = ProducerRecord {
            value: Some(Bytes::from(vec![0; STAY_BYTES / 2])),
            ..ProducerRecord::default()
        };
        let chosen: Vec<_> = (0..7).map(|_| partitioner.choose(&record, 3)).collect();
        assert_eq!(chosen, [0, 0, 1, 1, 2, 2, 0]);
        let keyed = ProducerRecord {
            key: Some(Bytes::from_static(b"abc")),
            ..record
        };
        assert_eq!(partitioner.choose(&keyed, 10), 7);
    }
}
