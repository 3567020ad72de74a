//! The program that is the image of every container.

use std::ffi::OsString;
use std::path::PathBuf;

/// What an image runs that says nothing else.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    /// In front of the container's own.
    pub arguments: Vec<OsString>,
}
