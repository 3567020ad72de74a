//! What an index consists of: entries of a fixed size.

/// What an index consists of.
pub(crate) trait Entry: Copy {
    const SIZE: usize;

    fn encode(self, out: &mut Vec<u8>);

    /// `bytes` has [`Entry::SIZE`] bytes.
    fn decode(bytes: &[u8]) -> Self;
}
