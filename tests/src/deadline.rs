//! Bounded waiting: the one place of the tests that reads the clock and pauses.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Short enough not to be felt, long enough not to eat a core that the broker needs.
const PAUSE: Duration = Duration::from_millis(25);

/// Asks `probe` until it answers, at most for `limit`.
///
/// The last error of the probe explains a wait that failed.
pub fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut probe: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = now() + limit;
    loop {
        let outcome = probe();
        if let Ok(Some(value)) = outcome {
            return Ok(value);
        }
        if now() >= end {
            let reason = outcome
                .err()
                .map(|error| format!(": {error:#}"))
                .unwrap_or_default();
            bail!("waited {limit:?} for {what}{reason}");
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a real process is waited for in real time"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "between two looks at a process there is no event"
)]
fn pause() {
    std::thread::sleep(PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_the_wait() {
        let mut left = 3;
        let answer = wait_for("three looks", Duration::from_secs(5), || {
            left -= 1;
            Ok((left == 0).then_some("done"))
        });
        assert_eq!(answer.unwrap(), "done");
    }

    #[test]
    fn a_wait_that_fails_names_its_last_reason() {
        let error =
            wait_for::<()>("a socket", Duration::ZERO, || bail!("connection refused")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "waited 0ns for a socket: connection refused"
        );
    }
}
