//! Who may use a data directory, and who is told what of it.

use super::*;

fn directory(path: &Path) -> DataDirectory {
    DataDirectory::find(Some(path)).expect("a path")
}

#[test]
fn a_directory_is_used_by_one_and_deleted_whole_or_not() {
    let root = tempfile::TempDir::new().expect("a directory");
    let ours = directory(&root.path().join("a/b"));
    assert!(ours.running().expect("readable").is_none());
    let held = ours.take().expect("it is free");
    let run = Run {
        pid: 7,
        api: SocketAddr::from(([127, 0, 0, 1], 1)),
    };
    ours.tell(&run).expect("written");
    assert_eq!(ours.running().expect("readable").expect("it runs").pid, 7);
    let refused = ours.take().expect_err("it is taken").to_string();
    assert!(
        refused.contains("process 7") && refused.contains("millrace down"),
        "{refused}"
    );
    drop(held);
    assert!(ours.running().expect("readable").is_none());
    let held = ours.take().expect("it is free again");
    fs::write(ours.path().join("thesis.txt"), "mine").expect("written");
    let refused = ours.delete(&held).expect_err("not all is ours").to_string();
    assert!(refused.contains("thesis.txt"), "{refused}");
    fs::remove_file(ours.path().join("thesis.txt")).expect("removed");
    ours.delete(&held).expect("deleted");
    assert!(!ours.path().exists());
}

#[test]
fn who_only_looks_keeps_nobody_from_starting() {
    let root = tempfile::TempDir::new().expect("a directory");
    let ours = directory(&root.path().join("data"));
    drop(ours.take().expect("it is free"));
    let over = std::sync::atomic::AtomicBool::new(false);
    let over = &over;
    std::thread::scope(|scope| {
        let look = || {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                ours.running().expect("readable");
            }
        };
        scope.spawn(look);
        scope.spawn(look);
        let refused = (0..2_000).find_map(|_| ours.take().err());
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(refused.is_none(), "{refused:?}");
    });
}

#[test]
fn who_starts_is_not_taken_for_the_run_that_died_before() {
    let root = tempfile::TempDir::new().expect("a directory");
    let ours = directory(&root.path().join("data"));
    let held = ours.take().expect("it is free");
    let run = Run {
        pid: 7,
        api: SocketAddr::from(([127, 0, 0, 1], 1)),
    };
    ours.tell(&run).expect("written");
    drop(held);
    assert_eq!(ours.run().expect("it died").pid, 7);
    let _held = ours.take().expect("it is free again");
    assert!(ours.running().expect("readable").is_none());
}

#[test]
fn what_is_not_ours_stays_as_it_is() {
    let root = tempfile::TempDir::new().expect("a directory");
    let foreign = directory(root.path());
    fs::write(root.path().join("thesis.txt"), "mine").expect("written");
    let refused = foreign.take().expect_err("foreign").to_string();
    assert!(refused.contains("--data-dir"), "{refused}");
    assert_eq!(foreign.entries().expect("readable"), ["thesis.txt"]);
    fs::remove_file(root.path().join("thesis.txt")).expect("removed");
    foreign.take().expect("an empty directory may become ours");
    fs::write(root.path().join(MARKER), r#"{"format": 99}"#).expect("written");
    let refused = foreign.take().expect_err("another format").to_string();
    assert!(refused.contains("format 99"), "{refused}");
}
