//! Every disk does what the trait promises.

use std::path::Path;
use std::sync::Arc;

use crate::disk::{Disk, Fault, HostileDisk, MemDisk, SystemDisk, conformance};

#[test]
fn the_file_system_conforms() {
    let dir = tempfile::tempdir().unwrap();
    conformance::check(&SystemDisk, &dir.path().join("root"));
}

#[test]
fn memory_conforms() {
    conformance::check(&MemDisk::new(), Path::new("root"));
}

#[test]
fn a_hostile_disk_conforms_until_it_strikes() {
    let disk = HostileDisk::new(Arc::new(MemDisk::new()));
    conformance::check(&disk, Path::new("root"));
    let operations = disk.operations();
    for turn in 0..operations {
        // Short writes are no errors: nobody but the caller of `write_at` notices them.
        let disk = HostileDisk::new(Arc::new(MemDisk::new()));
        disk.fail_after(turn, Fault::ShortWrite);
        conformance::check(&disk, Path::new("root"));
    }
}

#[test]
fn a_synced_volume_survives_a_power_loss_whole() {
    let disk = MemDisk::new();
    let file = Path::new("dir/file");
    disk.create_dir_all(Path::new("dir")).unwrap();
    let created = disk.create(file).unwrap();
    created
        .write_all_at(&mut [std::io::IoSlice::new(b"abc")], 0)
        .unwrap();
    disk.sync_volume(Path::new("dir")).unwrap();
    let after = disk.after_power_loss(&mut |_| 0);
    assert_eq!(crate::disk::read_file(&after, file, 99).unwrap(), b"abc");
}

#[test]
fn a_power_loss_keeps_what_was_synced() {
    let disk = MemDisk::new();
    let dir = Path::new("dir");
    disk.create_dir_all(dir).unwrap();
    let file = disk.create(&dir.join("synced")).unwrap();
    let write = |bytes: &[u8], position| {
        file.write_all_at(&mut [std::io::IoSlice::new(bytes)], position)
            .unwrap();
    };
    write(b"abc", 0);
    file.sync_data().unwrap();
    disk.sync_dir(dir).unwrap();
    write(b"def", 3);
    disk.create(&dir.join("unsynced")).unwrap();
    disk.rename(&dir.join("synced"), &dir.join("renamed"))
        .unwrap();
    for seed in 0..8 {
        let after = disk.after_power_loss(&mut |n| seed % n);
        assert!(after.open(&dir.join("unsynced")).is_err());
        assert!(after.open(&dir.join("renamed")).is_err());
        let found = after.open(&dir.join("synced")).unwrap();
        let mut content = [0; 3];
        found.read_exact_at(&mut content, 0).unwrap();
        assert_eq!(&content, b"abc");
    }
}
