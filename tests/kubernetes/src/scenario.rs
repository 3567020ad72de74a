//! A test in a namespace of its own, with what its reader needs when it fails.

use std::env;
use std::io::{Write, stderr};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use anyhow::Result;

use crate::cluster::Cluster;
use crate::collect::collect;
use crate::skip::{Skip, unless_skipped};

/// Runs `test` in a fresh namespace of the cluster and removes it; a failure leaves the cluster's state in
/// `MILLRACE_COLLECT` (a folder; the system's temporary one without it).
///
/// A [`Skip`], from anywhere in the test, is told and counted: its reason goes to the file `MILLRACE_SKIPPED`.
pub fn scenario(name: &str, test: impl FnOnce(&Cluster, &str) -> Result<()>) -> Result<()> {
    let cluster = match Cluster::from_env() {
        Ok(cluster) => cluster,
        Err(error) => return unless_skipped(Err(error)),
    };
    let namespace = format!("{name}-{}", std::process::id());
    cluster
        .kubectl()
        .run(&["create", "namespace", &namespace])?;
    let outcome = catch_unwind(AssertUnwindSafe(|| test(&cluster, &namespace)));
    let failed = match &outcome {
        Ok(Ok(())) => false,
        Ok(Err(error)) => !error.is::<Skip>(),
        Err(_) => true,
    };
    if failed {
        leave_state(&cluster, &namespace);
    }
    cluster
        .kubectl()
        .run(&["delete", "namespace", &namespace, "--wait=false"])?;
    match outcome {
        Ok(outcome) => unless_skipped(outcome),
        Err(panic) => resume_unwind(panic),
    }
}

fn leave_state(cluster: &Cluster, name: &str) {
    let base = env::var_os("MILLRACE_COLLECT").map_or_else(env::temp_dir, PathBuf::from);
    let folder = base.join(format!("millrace-{name}"));
    let left = match collect(cluster.kubectl(), &folder) {
        Ok(()) => format!("what the cluster said: {}", folder.display()),
        Err(error) => format!("nothing collected: {error:#}"),
    };
    let _ = writeln!(stderr(), "{left}");
}
