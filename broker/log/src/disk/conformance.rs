//! What every disk must do. Each implementation runs this suite; it panics where one is wrong.

use std::io::{ErrorKind, IoSlice};
use std::path::Path;

use crate::disk::interface::{DirEntry, Disk, DiskFile, MAX_SLICES_PER_WRITE};
use crate::disk::whole::{read_file, replace_file, replace_file_unsynced};

/// More than any file of the suite has.
const LIMIT: u64 = 1 << 20;

/// Runs all checks inside `root`, a directory that does not exist yet but whose parent does.
///
/// # Panics
/// Where the disk does something else than the trait promises.
pub fn check(disk: &dyn Disk, root: &Path) {
    disk.create_dir_all(root).expect("the root is new");
    files_hold_what_was_written(disk, &root.join("content"));
    vectored_writes_of_any_size(disk, &root.join("vectored"));
    names(disk, &root.join("names"));
    directories(disk, &root.join("directories"));
    replacing(disk, &root.join("replacing"));
    replacing_unsynced(disk, &root.join("unsynced"));
    locking(disk, &root.join("locking"));
    disk.sync_volume(root).expect("the root exists");
    let space = disk.space(root).expect("the root exists");
    assert!(space.usable > 0 && space.usable <= space.total);
}

fn kind<T>(result: std::io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn content(file: &dyn DiskFile) -> Vec<u8> {
    let len = file.len().expect("an open file has a length");
    let mut content = vec![0; usize::try_from(len).expect("test files are small")];
    file.read_exact_at(&mut content, 0)
        .expect("all bytes are there");
    content
}

fn files_hold_what_was_written(disk: &dyn Disk, path: &Path) {
    assert_eq!(kind(disk.open(path)), Some(ErrorKind::NotFound));
    let file = disk.create(path).expect("the parent exists");
    assert!(file.is_empty().expect("an open file has a length"));
    file.write_all_at(&mut [IoSlice::new(b"hello world")], 0)
        .expect("there is room");
    file.write_all_at(&mut [IoSlice::new(b"W")], 6)
        .expect("there is room");
    assert_eq!(content(&*file), b"hello World");
    assert_eq!(
        file.read_at(&mut [0; 8], 11)
            .expect("reading at the end is no error"),
        0
    );
    assert_eq!(
        file.read_at(&mut [0; 8], 99)
            .expect("nor is reading behind it"),
        0
    );
    assert_eq!(
        kind(file.read_exact_at(&mut [0; 8], 6)),
        Some(ErrorKind::UnexpectedEof)
    );
    file.set_len(5).expect("cutting is possible");
    file.set_len(7).expect("extending is possible");
    file.sync_data().expect("syncing is possible");
    assert_eq!(
        content(&*disk.open(path).expect("it was created")),
        b"hello\0\0"
    );
    file.write_all_at(&mut [IoSlice::new(b"!")], 9)
        .expect("a hole is possible");
    assert_eq!(content(&*file), b"hello\0\0\0\0!");
    disk.create(path).expect("creating again empties");
    assert_eq!(content(&*file), b"");
}

fn vectored_writes_of_any_size(disk: &dyn Disk, path: &Path) {
    let file = disk.create(path).expect("the parent exists");
    let pieces: Vec<Vec<u8>> = (0..MAX_SLICES_PER_WRITE * 2 + 3)
        .map(|index| vec![index as u8; index % 4])
        .collect();
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    file.write_all_at(&mut slices, 0).expect("there is room");
    assert_eq!(content(&*file), pieces.concat());
    file.write_all_at(&mut [], 0)
        .expect("nothing is always written");
    file.write_all_at(&mut [IoSlice::new(b"")], 0)
        .expect("nothing is always written");
    assert_eq!(content(&*file), pieces.concat());
}

fn names(disk: &dyn Disk, dir: &Path) {
    disk.create_dir_all(dir).expect("the parent exists");
    let (one, two) = (dir.join("one"), dir.join("two"));
    assert_eq!(kind(disk.rename(&one, &two)), Some(ErrorKind::NotFound));
    assert_eq!(kind(disk.remove_file(&one)), Some(ErrorKind::NotFound));
    let first = disk.create(&one).expect("the parent exists");
    first
        .write_all_at(&mut [IoSlice::new(b"1")], 0)
        .expect("there is room");
    disk.create(&two).expect("the parent exists");
    disk.rename(&one, &two).expect("renaming replaces");
    assert_eq!(kind(disk.open(&one)), Some(ErrorKind::NotFound));
    assert_eq!(read_file(disk, &two, LIMIT).expect("it was renamed"), b"1");
    assert_eq!(kind(read_file(disk, &two, 0)), Some(ErrorKind::InvalidData));
    disk.remove_file(&two).expect("it is there");
    assert_eq!(content(&*first), b"1", "an open file outlives its name");
    disk.sync_dir(dir).expect("it is there");
    assert_eq!(disk.list(dir).expect("it is there"), []);
}

fn directories(disk: &dyn Disk, dir: &Path) {
    let deep = dir.join("a").join("b");
    assert_eq!(kind(disk.list(dir)), Some(ErrorKind::NotFound));
    assert_eq!(
        kind(disk.create(&deep.join("file"))),
        Some(ErrorKind::NotFound)
    );
    disk.create_dir_all(&deep).expect("parents are made");
    disk.create_dir_all(&deep).expect("again is no error");
    disk.create(&deep.join("file")).expect("the parent exists");
    disk.create(&dir.join("file")).expect("the parent exists");
    let mut entries = disk.list(dir).expect("it is there");
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let entry = |name: &str, is_dir| DirEntry {
        name: name.to_owned(),
        is_dir,
    };
    assert_eq!(entries, [entry("a", true), entry("file", false)]);
    disk.rename(&dir.join("a"), &dir.join("c"))
        .expect("directories have names too");
    disk.open(&dir.join("c").join("b").join("file"))
        .expect("it moved along");
    assert_eq!(kind(disk.list(&deep)), Some(ErrorKind::NotFound));
    disk.remove_dir_all(&dir.join("c")).expect("it is there");
    assert_eq!(
        kind(disk.remove_dir_all(&dir.join("c"))),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(disk.list(dir).expect("it is there"), [entry("file", false)]);
}

fn replacing(disk: &dyn Disk, dir: &Path) {
    disk.create_dir_all(dir).expect("the parent exists");
    let path = dir.join("checkpoint");
    for text in ["first", "second, and longer", "3"] {
        replace_file(disk, &path, text.as_bytes()).expect("there is room");
        assert_eq!(
            read_file(disk, &path, LIMIT).expect("it is there"),
            text.as_bytes()
        );
        assert_eq!(
            disk.list(dir).expect("it is there").len(),
            1,
            "nothing else is left"
        );
    }
}

fn replacing_unsynced(disk: &dyn Disk, path: &Path) {
    for text in ["first", "2"] {
        replace_file_unsynced(disk, path, text.as_bytes()).expect("there is room");
        assert_eq!(
            read_file(disk, path, LIMIT).expect("it is there"),
            text.as_bytes()
        );
    }
}

fn locking(disk: &dyn Disk, path: &Path) {
    let held = disk.lock(path).expect("nobody holds it");
    assert_eq!(kind(disk.lock(path)), Some(ErrorKind::WouldBlock));
    drop(held);
    disk.lock(path).expect("it was let go");
}
