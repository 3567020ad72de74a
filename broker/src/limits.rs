//! What the process may use of the system.

use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::thread::disable_transparent_huge_pages;

/// Keeps the kernel from backing small heaps of many threads with pages of 2 MiB, most of which
/// nobody ever touches: they were the larger part of an idle broker's memory. To be called before
/// any other thread starts.
pub(crate) fn refuse_huge_pages() {
    // Nobody hears a complaint this early, and all that is lost is memory.
    let _refused = disable_transparent_huge_pages(true);
}

/// Raises the limit on open files to what the system allows: every partition keeps one open.
pub(crate) fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, allowed = ?before, "the limit on open files stays as it is");
    }
}
