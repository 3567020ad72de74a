//! Trouble for whoever asks the API, by seed: what fails, conflicts, breaks off, comes late or is never
//! answered, when watches end, and after which write somebody is cut off. The same seed and the same
//! questions, the same trouble. Pure: a script asks it.

use std::time::Duration;

use crate::script::{Asked, Fate, Verb};

/// How long a late answer takes, at most.
const DELAY_MOST: u64 = 3_000;

/// Chance by seed, and how often there is trouble.
#[derive(Clone, Debug)]
pub struct Faults {
    seed: u64,
    percent: u64,
}

/// What chance picked: one of so many choices, and a number for what else is to be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    pub choice: u64,
    pub delay: Duration,
}

impl Faults {
    /// Trouble with so many in a hundred questions.
    #[must_use]
    pub const fn new(seed: u64, percent: u64) -> Self {
        Self { seed, percent }
    }

    /// What becomes of a question to the API; `None` when there is no trouble with it.
    pub fn fate(&mut self, asked: &Asked) -> Option<Fate> {
        let Pick { choice, delay } = self.pick(9)?;
        let fate = match choice {
            0 => Fate::Failed(500),
            1 => Fate::Failed(503),
            2 => Fate::Failed(409),
            3 => Fate::Failed(429),
            4 => Fate::Broken,
            5 => Fate::Unanswered,
            6 => Fate::AnswerLost,
            7 => Fate::WatchesDropped,
            _ => Fate::AnsweredAfter(delay),
        };
        // Lists and watches have no deadline: a connection that stays silent is broken in the end.
        let silent = matches!(fate, Fate::Unanswered | Fate::AnswerLost);
        let waits = matches!(asked.verb, Verb::List | Verb::Watch);
        Some(if silent && waits { Fate::Broken } else { fate })
    }

    /// One of so many kinds of trouble, for others than the API; `None` when there is none.
    pub const fn pick(&mut self, choices: u64) -> Option<Pick> {
        // A linear congruential generator: its upper half is good enough for chance.
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = self.seed >> 33;
        let (roll, rest) = (high % 100, high / 100);
        if roll >= self.percent {
            return None;
        }
        Some(Pick {
            choice: rest % choices,
            delay: Duration::from_millis(rest / choices % DELAY_MOST),
        })
    }
}

/// Notes every write, and knows the last one that somebody may make.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    noted: Vec<String>,
    last: Option<usize>,
}

impl Writes {
    /// So many may be made in all; `None` is as many as anybody likes.
    pub const fn limit(&mut self, most: Option<usize>) {
        self.last = most;
    }

    /// Notes one. Returns whether it is the last one: it is done, and nobody may hear of it.
    pub fn note(&mut self, write: String) -> bool {
        self.noted.push(write);
        self.last == Some(self.noted.len())
    }

    /// Every one so far, in order.
    #[must_use]
    pub fn noted(&self) -> &[String] {
        &self.noted
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn asked(verb: Verb) -> Asked {
        Asked {
            verb,
            kind: "Pod",
            namespace: "n".to_owned(),
            name: "p".to_owned(),
            status: false,
            manager: None,
        }
    }

    fn fates(seed: u64, verb: Verb) -> Vec<Option<Fate>> {
        let mut faults = Faults::new(seed, 30);
        (0..1_000).map(|_| faults.fate(&asked(verb))).collect()
    }

    #[test]
    fn the_same_seed_is_the_same_trouble_of_every_kind() {
        let patches = fates(7, Verb::Patch);
        assert_eq!(patches, fates(7, Verb::Patch));
        assert_ne!(patches, fates(8, Verb::Patch));
        let trouble: Vec<Fate> = patches.into_iter().flatten().collect();
        assert!((200..400).contains(&trouble.len()), "{}", trouble.len());
        let kinds: BTreeSet<String> = trouble
            .iter()
            .map(|fate| match fate {
                Fate::AnsweredAfter(_) => "late".to_owned(),
                fate => format!("{fate:?}"),
            })
            .collect();
        assert_eq!(kinds.len(), 9, "{kinds:?}");
        assert_eq!(Faults::new(7, 0).fate(&asked(Verb::Patch)), None);
    }

    #[test]
    fn nobody_waits_for_ever_for_a_list_or_a_watch() {
        for verb in [Verb::List, Verb::Watch] {
            let silent = |fate: &Fate| matches!(fate, Fate::Unanswered | Fate::AnswerLost);
            assert!(!fates(7, verb).iter().flatten().any(silent), "{verb:?}");
        }
    }

    #[test]
    fn the_last_write_is_known() {
        let mut writes = Writes::default();
        writes.limit(Some(2));
        let last = ["a", "b", "c"].map(|write| writes.note(write.to_owned()));
        assert_eq!(last, [false, true, false]);
        assert_eq!(writes.noted(), ["a", "b", "c"]);
    }
}
