//! What the operator and the machines log while a fleet runs here: to a file that does not grow beyond a
//! bound, because the terminal belongs to the user.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use parking_lot::Mutex;
use tracing_subscriber::EnvFilter;

const DEFAULT_FILTER: &str = "info";
/// A log of that size begins anew.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

#[derive(Clone)]
struct Bounded(Arc<Mutex<(File, u64)>>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.0.lock();
        let (file, size) = &mut *held;
        if *size >= FILE_BYTES_MAX {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            *size = 0;
        }
        let written = file.write(bytes)?;
        *size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().0.flush()
    }
}

/// Starts logging to a file.
pub(crate) fn start(path: &Path) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let log = Bounded(Arc::new(Mutex::new((file, 0))));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| DEFAULT_FILTER.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(move || log.clone())
        .init();
    Ok(())
}
