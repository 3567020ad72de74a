//! What clients do wrong, told to the operator without letting a flood of them fill the log: of
//! each kind some lines in a window, then only how many there were. Pure: `now` comes in.

use std::time::Duration;

use hashbrown::HashMap;

/// Lines of one kind in one window.
const LINES_MAX: u32 = 10;

/// How long a window lasts.
pub(crate) const WINDOW: Duration = Duration::from_secs(10);

/// One for each kind of complaint; the kinds are known when the program is written.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    windows: HashMap<&'static str, Window>,
}

#[derive(Debug)]
struct Window {
    began: Duration,
    said: u32,
    kept_back: u64,
}

impl Complaints {
    /// Whether this one gets a line of its own.
    pub(crate) fn may_say(&mut self, kind: &'static str, now: Duration) -> bool {
        let fresh = || Window {
            began: now,
            said: 0,
            kept_back: 0,
        };
        let window = self.windows.entry(kind).or_insert_with(fresh);
        if now.saturating_sub(window.began) >= WINDOW && window.kept_back == 0 {
            *window = fresh();
        }
        if window.said < LINES_MAX {
            window.said += 1;
            return true;
        }
        window.kept_back += 1;
        false
    }

    /// What was kept back in windows that are over, and is to be said in one line each.
    pub(crate) fn overdue(&mut self, now: Duration) -> Vec<(&'static str, u64)> {
        let mut overdue = Vec::new();
        self.windows.retain(|kind, window| {
            let is_over = now.saturating_sub(window.began) >= WINDOW;
            if is_over && window.kept_back > 0 {
                overdue.push((*kind, window.kept_back));
            }
            !is_over
        });
        overdue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "stumbled";

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_flood_gets_a_few_lines_and_a_sum() {
        let mut complaints = Complaints::default();
        let lines = (0..100_000).filter(|_| complaints.may_say(KIND, seconds(1)));
        assert_eq!(lines.count(), LINES_MAX as usize);
        assert!(complaints.may_say("another kind", seconds(1)));
        assert_eq!(complaints.overdue(seconds(2)), []);
        let kept_back = 100_000 - u64::from(LINES_MAX);
        assert_eq!(complaints.overdue(seconds(11)), [(KIND, kept_back)]);
        assert_eq!(complaints.overdue(seconds(12)), []);
        assert!(complaints.may_say(KIND, seconds(12)));
    }

    #[test]
    fn what_is_rare_is_always_said() {
        let mut complaints = Complaints::default();
        for at in 0..100 {
            assert!(complaints.may_say(KIND, seconds(at)));
        }
    }

    #[test]
    fn a_sum_is_said_before_the_next_window_begins() {
        let mut complaints = Complaints::default();
        for _ in 0..=LINES_MAX {
            complaints.may_say(KIND, START);
        }
        assert!(!complaints.may_say(KIND, seconds(60)));
        assert_eq!(complaints.overdue(seconds(60)), [(KIND, 2)]);
    }

    const START: Duration = Duration::ZERO;
}
