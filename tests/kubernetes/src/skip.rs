//! Tests that cannot run here: told with their reason and counted, neither failed nor passed.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{Write, stderr};

use anyhow::{Context, Result};

/// The error of a test that cannot run here: why.
#[derive(Debug)]
pub struct Skip(pub String);

impl fmt::Display for Skip {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "skipped: {}", self.0)
    }
}

impl std::error::Error for Skip {}

pub(crate) fn skip(reason: impl Into<String>) -> anyhow::Error {
    Skip(reason.into()).into()
}

/// Ends a test: a [`Skip`] is told, and noted in the file `MILLRACE_SKIPPED`; any other error stays one.
pub fn unless_skipped(outcome: Result<()>) -> Result<()> {
    let Err(error) = outcome else {
        return Ok(());
    };
    let Some(Skip(reason)) = error.downcast_ref() else {
        return Err(error);
    };
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    writeln!(stderr(), "skipped {test}: {reason}")?;
    if let Some(list) = env::var_os("MILLRACE_SKIPPED") {
        let mut list = File::options()
            .create(true)
            .append(true)
            .open(list)
            .context("MILLRACE_SKIPPED")?;
        // One write: other tests append to the same file.
        list.write_all(format!("{test}: {reason}\n").as_bytes())?;
    }
    Ok(())
}
