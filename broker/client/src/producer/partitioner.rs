//! Which partition a record goes to. Pure but for what it remembers of the last choice.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::producer::record::ProducerRecord;

/// Records with a key go where Java's client sends them; others stay with one partition until
/// its batch is full, so that batches fill.
#[derive(Debug, Default)]
pub(crate) struct Partitioner {
    current: Mutex<HashMap<Arc<str>, usize>>,
}

impl Partitioner {
    pub(crate) fn choose(&self, record: &ProducerRecord, partitions: usize) -> i32 {
        let partitions = partitions.max(1);
        let index = match &record.key {
            Some(key) => murmur2(key) as usize % partitions,
            None => {
                let current = self.current.lock();
                current.get(&record.topic).copied().unwrap_or_default() % partitions
            }
        };
        i32::try_from(index).unwrap_or_default()
    }

    /// The partition's batch is full: the next record without a key goes elsewhere.
    pub(crate) fn leave(&self, topic: &Arc<str>, partition: i32) {
        let next = usize::try_from(partition).unwrap_or_default() + 1;
        self.current.lock().insert(Arc::clone(topic), next);
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
    fn records_without_a_key_stay_until_the_batch_is_full() {
        let partitioner = Partitioner::default();
        let record = ProducerRecord::default();
        assert_eq!(partitioner.choose(&record, 3), 0);
        assert_eq!(partitioner.choose(&record, 3), 0);
        partitioner.leave(&record.topic, 2);
        assert_eq!(partitioner.choose(&record, 3), 0);
        partitioner.leave(&record.topic, 0);
        assert_eq!(partitioner.choose(&record, 3), 1);
        let keyed = ProducerRecord {
            key: Some(Bytes::from_static(b"abc")),
            ..record
        };
        assert_eq!(partitioner.choose(&keyed, 10), 7);
    }
}
