//! A file in memory that knows what of it would survive a power loss.

use std::io::{self, ErrorKind, IoSlice};

use parking_lot::Mutex;

use crate::disk::interface::DiskFile;

#[derive(Debug, Default)]
pub(super) struct MemFile {
    content: Mutex<Content>,
}

#[derive(Debug, Default)]
struct Content {
    data: Vec<u8>,
    durable: Vec<u8>,
}

impl MemFile {
    pub(super) fn size(&self) -> u64 {
        self.content.lock().data.len() as u64
    }

    pub(super) fn clear(&self) {
        self.content.lock().data.clear();
    }

    /// The file as it is found after a power loss now, as `chance` decides.
    pub(super) fn after_power_loss(&self, chance: &mut dyn FnMut(usize) -> usize) -> Self {
        let content = self.content.lock();
        let (old, new) = (&content.durable, &content.data);
        let data = match chance(4) {
            // Nothing, or everything, of what was not synced made it.
            0 => old.clone(),
            1 => new.clone(),
            // The new length made it, but only the first part of the new bytes.
            2 if new.len() > old.len() => {
                let kept = old.len() + chance(new.len() - old.len());
                let mut data = new[..kept].to_vec();
                data.resize(new.len(), 0);
                data
            }
            // The file ends in the middle of what was not synced.
            _ if new.len() > old.len() => new[..old.len() + chance(new.len() - old.len())].to_vec(),
            _ => old.clone(),
        };
        let durable = data.clone();
        Self {
            content: Mutex::new(Content { data, durable }),
        }
    }
}

impl DiskFile for MemFile {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let content = self.content.lock();
        let start = usize::try_from(position).unwrap_or(usize::MAX);
        let rest = content.data.get(start..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, slices: &[IoSlice<'_>], position: u64) -> io::Result<usize> {
        let mut content = self.content.lock();
        let start = usize::try_from(position).map_err(|_| ErrorKind::FileTooLarge)?;
        let mut end = start;
        for slice in slices {
            let next = end + slice.len();
            if content.data.len() < next {
                content.data.resize(next, 0);
            }
            content.data[end..next].copy_from_slice(slice);
            end = next;
        }
        Ok(end - start)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.size())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(|_| ErrorKind::FileTooLarge)?;
        self.content.lock().data.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut content = self.content.lock();
        let Content { data, durable } = &mut *content;
        durable.clone_from(data);
        Ok(())
    }
}
