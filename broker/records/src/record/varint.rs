//! Zigzag varints, as records use them for every number.

#![expect(
    clippy::inline_always,
    reason = "measured: a cursor that a call refers to cannot stay in registers"
)]

/// Bytes and how many of them have been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    #[inline]
    pub(crate) const fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// Nothing when the bytes end within the number or it does not fit 32 bits.
    #[inline(always)]
    pub(crate) fn varint(&mut self) -> Option<i32> {
        let raw = match self.short_varint() {
            Some(raw) => raw,
            None => u32::try_from(self.read_long(MAX_VARINT_BYTES)?).ok()?,
        };
        Some((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    /// Nothing when the bytes end within the number or it does not fit 64 bits.
    #[inline(always)]
    pub(crate) fn varlong(&mut self) -> Option<i64> {
        let raw = match self.short_varint() {
            Some(raw) => u64::from(raw),
            None => self.read_long(MAX_VARLONG_BYTES)?,
        };
        Some((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    /// Nearly every number of a record takes one byte or two.
    #[inline(always)]
    fn short_varint(&mut self) -> Option<u32> {
        let low = *self.bytes.get(self.at)?;
        if low < 0x80 {
            self.at += 1;
            return Some(u32::from(low));
        }
        let high = *self.bytes.get(self.at + 1)?;
        if high < 0x80 {
            self.at += 2;
            return Some(u32::from(low & 0x7f) | (u32::from(high) << 7));
        }
        None
    }

    #[inline]
    fn read_long(&mut self, max_bytes: usize) -> Option<u64> {
        let (value, end) = long_varint(self.bytes, self.at, max_bytes)?;
        self.at = end;
        Some(value)
    }
}

/// The number at `start`, and where it ends.
#[cold]
fn long_varint(bytes: &[u8], start: usize, max_bytes: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for index in 0..max_bytes {
        let byte = *bytes.get(start + index)?;
        let bits = u64::from(byte & 0x7f);
        if index == MAX_VARLONG_BYTES - 1 && bits > 1 {
            return None;
        }
        value |= bits << (7 * index);
        if byte < 0x80 {
            return Some((value, start + index + 1));
        }
    }
    None
}

pub(crate) const MAX_VARINT_BYTES: usize = 5;
const MAX_VARLONG_BYTES: usize = 10;

pub(crate) fn put_varint(out: &mut Vec<u8>, value: i32) {
    put_varlong(out, i64::from(value));
}

pub(crate) fn put_varlong(out: &mut Vec<u8>, value: i64) {
    let mut raw = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while raw >= 0x80 {
        out.push(raw.to_le_bytes()[0] | 0x80);
        raw >>= 7;
    }
    out.push(raw.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_known_bytes() {
        for (value, bytes) in [
            (0, &[0][..]),
            (-1, &[1]),
            (1, &[2]),
            (63, &[0x7e]),
            (-64, &[0x7f]),
            (64, &[0x80, 0x01]),
            (8191, &[0xfe, 0x7f]),
            (i32::MAX, &[0xfe, 0xff, 0xff, 0xff, 0x0f]),
            (i32::MIN, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(out, bytes, "{value}");
            assert_eq!(Cursor::new(bytes).varint(), Some(value));
        }
    }

    #[test]
    fn every_power_of_two_survives_the_round_trip() {
        for shift in 0..64 {
            for value in [
                1_i64 << shift,
                -(1_i64 << (shift % 63)),
                (1_i64 << shift).wrapping_sub(1),
            ] {
                let mut out = Vec::new();
                put_varlong(&mut out, value);
                assert_eq!(Cursor::new(&out).varlong(), Some(value));
            }
        }
    }

    #[test]
    fn numbers_that_end_early_or_are_too_wide_are_refused() {
        for bytes in [
            &[][..],
            &[0x80],
            &[0x80, 0x80],
            &[0xff, 0xff, 0xff, 0xff, 0x10],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
        ] {
            assert_eq!(Cursor::new(bytes).varint(), None, "{bytes:?}");
        }
        let mut wide = [0xff; 10];
        wide[9] = 0x02;
        assert_eq!(Cursor::new(&wide).varlong(), None);
        wide[9] = 0x01;
        assert_eq!(Cursor::new(&wide).varlong(), Some(i64::MIN));
        assert_eq!(Cursor::new(&[0x80; 11]).varlong(), None);
    }
}
