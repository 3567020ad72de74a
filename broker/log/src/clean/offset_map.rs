//! The last offset of each key, in a table of fixed size. Keys are represented by 128 bits of a keyed
//! hash: with a seed that producers cannot know, nobody can make two keys fall together on purpose,
//! and by chance it takes more keys than a log has. Pure: the seed comes from the caller.

use std::hash::Hasher;

use millrace_types::{NO_OFFSET, Offset};
use siphasher::sip128::{Hasher128, SipHasher13};

/// Sixteen random bytes, new for each cleaning.
pub type HashSeed = [u8; 16];

/// A hash and an offset; the offset is stored plus one, so that zeros are a free slot.
type Slot = [u64; 3];
const SLOT_BYTES: usize = size_of::<Slot>();

/// Beyond this share, probing takes too long: `log.cleaner.io.buffer.load.factor`'s upper end.
const MAX_LOAD_FACTOR: f64 = 0.95;

#[derive(Debug)]
pub struct OffsetMap {
    slots: Vec<Slot>,
    capacity: usize,
    len: usize,
    hasher: SipHasher13,
}

/// The map has as many keys as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapIsFull;

impl OffsetMap {
    /// A map of at most `bytes` (`log.cleaner.dedupe.buffer.size` for one thread), of which
    /// `load_factor` (`log.cleaner.io.buffer.load.factor`) is used.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a capacity a few keys off is as good"
    )]
    pub fn new(bytes: usize, load_factor: f64, seed: HashSeed) -> Self {
        let slots = (bytes / SLOT_BYTES).max(2);
        let capacity = (slots as f64 * load_factor.clamp(0.0, MAX_LOAD_FACTOR)) as usize;
        Self {
            slots: vec![Slot::default(); slots],
            capacity: capacity.clamp(1, slots - 1),
            len: 0,
            hasher: SipHasher13::new_with_key(&seed),
        }
    }

    /// How many keys fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Notes that `key` has a record at `offset`, which is larger than those noted before.
    pub(crate) fn put(&mut self, key: &[u8], offset: Offset) -> Result<(), MapIsFull> {
        let [high, low] = self.hash(key);
        let index = self.probe([high, low]);
        let slot = &mut self.slots[index];
        if slot[2] == 0 {
            if self.len == self.capacity {
                return Err(MapIsFull);
            }
            self.len += 1;
        }
        *slot = [high, low, offset.cast_unsigned() + 1];
        Ok(())
    }

    /// The last offset that was noted for `key`, or -1.
    pub(crate) fn get(&self, key: &[u8]) -> Offset {
        let hash = self.hash(key);
        match self.slots[self.probe(hash)][2] {
            0 => NO_OFFSET,
            next => (next - 1).cast_signed(),
        }
    }

    fn hash(&self, key: &[u8]) -> [u64; 2] {
        let mut hasher = self.hasher;
        hasher.write(key);
        let hash = hasher.finish128();
        [hash.h1, hash.h2]
    }

    /// Where the hash is, or the free slot where it belongs. There always is a free slot.
    fn probe(&self, [high, low]: [u64; 2]) -> usize {
        // The upper half of the product spreads hashes over the slots as a remainder would.
        let spread = (u128::from(high) * self.slots.len() as u128) >> u64::BITS;
        let mut index = usize::try_from(spread).expect("it is below a length");
        loop {
            let slot = &self.slots[index];
            if slot[2] == 0 || (slot[0], slot[1]) == (high, low) {
                return index;
            }
            index = if index + 1 == self.slots.len() {
                0
            } else {
                index + 1
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(keys: usize) -> OffsetMap {
        OffsetMap::new(2 * keys * SLOT_BYTES, 0.5, [7; 16])
    }

    #[test]
    fn the_last_offset_of_each_key_is_found() {
        let mut map = map(1000);
        for offset in 0..3000_i64 {
            assert_eq!(map.put(&(offset % 1000).to_be_bytes(), offset), Ok(()));
        }
        assert_eq!(map.len(), 1000);
        for key in 0..1000_i64 {
            assert_eq!(map.get(&key.to_be_bytes()), 2000 + key);
        }
        assert_eq!(map.get(b"unknown"), NO_OFFSET);
    }

    #[test]
    fn a_full_map_takes_known_keys_only() {
        let mut map = map(10);
        assert_eq!(map.capacity(), 10);
        for offset in 0..10_i64 {
            assert_eq!(map.put(&[u8::try_from(offset).unwrap()], offset), Ok(()));
        }
        assert_eq!(map.put(b"another", 10), Err(MapIsFull));
        assert_eq!(map.put(&[3], 11), Ok(()));
        assert_eq!((map.get(&[3]), map.get(b"another")), (11, NO_OFFSET));
    }

    #[test]
    fn the_smallest_map_has_room_for_one_key() {
        for (bytes, load) in [(0, 0.0), (0, 0.9), (SLOT_BYTES, f64::NAN), (100, 1.0)] {
            let map = OffsetMap::new(bytes, load, [0; 16]);
            assert!(
                map.capacity() >= 1 && map.capacity() < map.slots.len(),
                "{bytes} {load}"
            );
        }
    }

    #[test]
    fn the_empty_key_is_a_key() {
        let mut map = map(10);
        map.put(b"", 0).unwrap();
        assert_eq!(map.get(b""), 0);
    }
}
