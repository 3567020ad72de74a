//! Reference pages that need more than one crate or a built program to be written: errors, the protocol, the
//! command line. `MILLRACE_BLESS=1` writes them.

mod command_line;
mod errors;
mod protocol;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Whether the committed page is `page`; writes it when told to.
fn fresh(name: &str, page: &str) {
    let path = root().join("docs/reference").join(name);
    if std::env::var_os("MILLRACE_BLESS").is_some() {
        fs::write(&path, page).expect("the page is writable");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "run this test with MILLRACE_BLESS=1 and commit {}",
        path.display()
    );
}
