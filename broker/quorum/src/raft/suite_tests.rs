//! The Raft library's own suite for storage, on a real disk and in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use millrace_log::disk::{Disk, MemDisk, SystemDisk};
use openraft::StorageError;
use openraft::testing::log::{StoreBuilder, Suite};
use tokio::sync::{Notify, watch};

use crate::journal::Journal;
use crate::raft::log_store::LogStore;
use crate::raft::machine::Machine;
use crate::raft::types::TypeConfig;
use crate::snapshot::SnapshotStore;
use crate::tests::Recorder;

/// Makes a store in a directory of its own each time.
struct Builder<F>(F);

impl<F, G> StoreBuilder<TypeConfig, LogStore, Machine, G> for Builder<F>
where
    F: Fn() -> (G, Arc<dyn Disk>, PathBuf) + Send + Sync,
    G: Send + Sync,
{
    async fn build(&self) -> Result<(G, LogStore, Machine), StorageError<TypeConfig>> {
        let (guard, disk, dir) = self.0();
        let journal = Journal::open(Arc::clone(&disk), &dir, 0).unwrap();
        let snapshots = SnapshotStore::open(disk, &dir).unwrap();
        let (applied, _) = watch::channel(None);
        let machine = Box::new(Recorder::default());
        let machine = Machine::new(machine, applied, snapshots, Arc::new(Notify::new()));
        Ok((guard, LogStore::new(journal), machine))
    }
}

#[tokio::test(start_paused = true)]
async fn storage_in_memory_passes_the_suite() {
    let disk = MemDisk::new();
    let count = std::sync::atomic::AtomicU32::new(0);
    let fresh = || {
        let nth = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let dir = Path::new("/quorum").join(nth.to_string());
        disk.create_dir_all(&dir).unwrap();
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        ((), disk, dir)
    };
    Suite::test_all(Builder(fresh)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn storage_on_a_real_disk_passes_the_suite() {
    let fresh = || {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        (dir, disk, path)
    };
    Suite::test_all(Builder(fresh)).await.unwrap();
}
