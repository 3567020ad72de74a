//! What all checks together came to.

use anyhow::{Result, ensure};

/// # Errors
/// Every check that failed, and why.
pub fn all_passed(outcomes: impl IntoIterator<Item = (&'static str, Result<()>)>) -> Result<()> {
    let mut count = 0;
    let mut failed = Vec::new();
    for (name, outcome) in outcomes {
        count += 1;
        failed.extend(outcome.err().map(|error| format!("{name}: {error:#}")));
    }
    ensure!(
        failed.is_empty(),
        "{} of {count}:\n{}",
        failed.len(),
        failed.join("\n\n")
    );
    Ok(())
}
