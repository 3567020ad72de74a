//! Every input in `corpus/` through its fuzz target: whole, cut short at every length, and with one
//! byte after the other turned over. That needs no fuzzer and no special compiler.

#[path = "src/lib.rs"]
#[allow(unreachable_pub, reason = "a library for the fuzzers, a module here")]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

/// Positions of one input that are tried: enough for a whole seed, and an end for a long find.
const MAX_POSITIONS: usize = 400;

fn replay(name: &str, target: fn(&[u8])) {
    let inputs = inputs(name);
    assert!(!inputs.is_empty(), "{name} has no seeds");
    for input in &inputs {
        target(input);
        for position in 0..input.len().min(MAX_POSITIONS) {
            target(&input[..position]);
            let mut turned = input.clone();
            turned[position] = !turned[position];
            target(&turned);
        }
    }
}

fn inputs(name: &str) -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let files = fs::read_dir(corpus.join(name)).expect("every target has a corpus");
    let mut paths: Vec<PathBuf> = files
        .map(|file| file.expect("a directory that can be listed").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read(path).expect("a file that can be read"))
        .collect()
}

macro_rules! replays {
    ($($name:ident,)*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name), targets::$name);
        })*
    };
}

replays! {
    wire_message,
    request_frame,
    record_batches,
    server_properties,
    group_record,
    metadata_record,
    quorum_message,
    data_dir,
    log_recovery,
}
