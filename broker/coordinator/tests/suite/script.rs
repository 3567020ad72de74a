//! Scripts: each `> command` is followed by all that the coordinator did because of it.
//! `UPDATE_SCRIPTS=1` writes what it does now into the files, for a human to read.

mod command;
mod print;
mod wire;

use std::path::{Path, PathBuf};

use command::Stage;

#[test]
fn the_coordinator_follows_every_script() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/scripts");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the scripts")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let update = std::env::var_os("UPDATE_SCRIPTS").is_some();
    let mut wrong = Vec::new();
    for path in paths {
        let script = std::fs::read_to_string(&path).expect("a script");
        let played = play(&script);
        if update {
            std::fs::write(&path, played).expect("a writable script");
        } else if script != played {
            wrong.push(format!(
                "{}\n{}",
                path.display(),
                first_difference(&script, &played)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The script with every command followed by what it leads to now.
fn play(script: &str) -> String {
    let mut stage = Stage::new();
    let mut out = String::new();
    for line in script.lines() {
        let keep = line.is_empty() || line.starts_with('#');
        if let Some(command) = line.strip_prefix("> ") {
            out += &format!("{line}\n");
            for event in stage.run(command) {
                out += &format!("{event}\n");
            }
        } else if keep {
            out += &format!("{line}\n");
        }
    }
    out
}

fn first_difference(expected: &str, actual: &str) -> String {
    let mut context = String::new();
    let mut actual = actual.lines();
    for line in expected.lines() {
        let now = actual.next().unwrap_or("(nothing)");
        if line != now {
            return format!("after {context}\n  expected: {line}\n  got:      {now}");
        }
        if line.starts_with('>') {
            line.clone_into(&mut context);
        }
    }
    format!(
        "after {context}\n  more than expected: {}",
        actual.next().unwrap_or("")
    )
}
