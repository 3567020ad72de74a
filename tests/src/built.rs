//! Programs of the same build as the test that runs them.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// What `variable` names, else the program of the same build.
pub fn program_or(variable: &str, name: &str) -> Result<PathBuf> {
    match env::var_os(variable) {
        Some(path) => Ok(path.into()),
        None => program(name).with_context(|| format!("{variable} is not set")),
    }
}

/// The program that the same build put beside the test, or one folder above.
pub fn program(name: &str) -> Result<PathBuf> {
    let own = env::current_exe()?;
    let folders = own.ancestors().skip(1).take(2);
    let mut places = folders.map(|folder| folder.join(name));
    places
        .find(|place| place.is_file())
        .with_context(|| format!("no {name} beside the tests: cargo build --bin {name}"))
}
