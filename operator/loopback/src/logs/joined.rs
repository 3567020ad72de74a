//! Files that follow each other, read as if they were one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// As many bytes of each as it had when they were joined.
pub(crate) struct Joined {
    files: Vec<(u64, File)>,
    at: u64,
}

impl Joined {
    pub(crate) fn of(files: Vec<File>) -> io::Result<Self> {
        let with_length = |file: File| Ok((file.metadata()?.len(), file));
        let files: io::Result<Vec<_>> = files.into_iter().map(with_length).collect();
        Ok(Self {
            files: files?,
            at: 0,
        })
    }

    /// Which file an offset is in, and where there. The last one has what is beyond the end.
    pub(crate) fn place(&self, offset: u64) -> (usize, u64) {
        let mut within = offset;
        for (index, (length, _)) in self.files.iter().enumerate() {
            if within < *length || index + 1 == self.files.len() {
                return (index, within);
            }
            within -= length;
        }
        (0, 0)
    }

    fn length(&self) -> u64 {
        self.files.iter().map(|(length, _)| length).sum()
    }
}

impl Read for Joined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (index, within) = self.place(self.at);
        let Some((length, file)) = self.files.get_mut(index) else {
            return Ok(0);
        };
        file.seek(SeekFrom::Start(within))?;
        let left = length.saturating_sub(within);
        let read = file.take(left).read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Joined {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn files_are_read_across_their_borders() {
        let file = |text: &str| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file
        };
        let mut joined = Joined::of(vec![file("one\n"), file(""), file("two\n")]).unwrap();
        let mut all = String::new();
        joined.read_to_string(&mut all).unwrap();
        assert_eq!(all, "one\ntwo\n");
        joined.seek(SeekFrom::End(-6)).unwrap();
        let mut last = [0; 6];
        joined.read_exact(&mut last).unwrap();
        assert_eq!(&last, b"e\ntwo\n");
        let places = [0, 3, 4, 7, 8].map(|offset| joined.place(offset));
        assert_eq!(places, [(0, 0), (0, 3), (2, 0), (2, 3), (2, 4)]);
    }
}
