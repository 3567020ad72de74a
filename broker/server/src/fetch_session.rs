//! Incremental fetch sessions (KIP-227): the broker remembers what a consumer reads, so that the
//! consumer only names what changed and is only told what changed.
//!
//! Pure: requests, answers and `now` come in as values. What a partition holds is not known here.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use indexmap::IndexMap;
use millrace_types::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, Uuid};
use parking_lot::Mutex;

/// A session unused for this long gives its slot to a newcomer.
const EVICTABLE_AFTER: Duration = Duration::from_secs(120);

/// Partitions one session may hold; a client that reads more goes without a session.
const SESSION_PARTITIONS_MAX: usize = 100_000;

const NO_SESSION: i32 = 0;
const INITIAL_EPOCH: i32 = 0;
const FINAL_EPOCH: i32 = -1;

/// How a request names a topic: by id since version 13, by name before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TopicRef {
    Id(Uuid),
    Name(Arc<str>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartitionRef {
    pub topic: TopicRef,
    pub partition: PartitionIndex,
}

/// What a consumer wants of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interest {
    pub fetch_offset: Offset,
    pub max_bytes: i32,
    pub current_leader_epoch: LeaderEpoch,
    pub last_fetched_epoch: LeaderEpoch,
}

/// What a consumer was last told of one partition, apart from its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub high_watermark: Offset,
    pub log_start_offset: Offset,
}

/// What is about to be told.
#[derive(Clone, Copy, Debug)]
pub struct News {
    pub told: Told,
    /// Records, an error, a preferred replica, a diverging epoch: always worth telling.
    pub urgent: bool,
    pub failed: bool,
}

#[derive(Debug)]
struct Tracked {
    interest: Interest,
    told: Option<Told>,
}

#[derive(Debug)]
struct Session {
    epoch: i32,
    by_id: bool,
    partitions: IndexMap<PartitionRef, Tracked>,
    /// Where the next answer starts, so that busy partitions do not starve the others.
    first: usize,
    last_used: Duration,
}

/// One fetch request, as far as sessions are concerned.
#[derive(Debug)]
pub struct FetchAsk {
    pub session_id: i32,
    pub session_epoch: i32,
    pub by_id: bool,
    pub wanted: Vec<(PartitionRef, Interest)>,
    pub forgotten: Vec<PartitionRef>,
}

/// What one fetch reads, and what its answer may leave out.
#[derive(Debug)]
pub struct FetchPlan {
    pub partitions: Vec<(PartitionRef, Interest)>,
    session_id: i32,
    incremental: bool,
}

impl FetchPlan {
    /// The session id the answer carries; 0 says that there is none.
    #[must_use]
    pub fn session_id(&self) -> i32 {
        self.session_id
    }
}

/// All fetch sessions of this broker.
#[derive(Debug)]
pub struct FetchSessions {
    slots_max: usize,
    sessions: Mutex<Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    by_id: HashMap<i32, Session>,
    last_id: i32,
    evictions: u64,
}

impl FetchSessions {
    #[must_use]
    /// Ids count from `first_id` on. It should differ from start to start, so that a client that
    /// lived through one does not go on in somebody else's session.
    pub fn new(slots_max: usize, first_id: i32) -> Self {
        let sessions = Sessions {
            last_id: first_id.checked_abs().unwrap_or(0),
            ..Sessions::default()
        };
        Self {
            slots_max,
            sessions: Mutex::new(sessions),
        }
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.sessions.lock().by_id.len()
    }

    #[must_use]
    pub fn evictions(&self) -> u64 {
        self.sessions.lock().evictions
    }

    /// Says what a fetch reads; opens, continues or closes its session on the way.
    ///
    /// # Errors
    /// The session is not there, is at another epoch, or names its topics the other way.
    pub fn plan(&self, ask: FetchAsk, now: Duration) -> Result<FetchPlan, ErrorCode> {
        let mut sessions = self.sessions.lock();
        match ask.session_epoch {
            INITIAL_EPOCH => {
                sessions.by_id.remove(&ask.session_id);
                let session_id = sessions.open(&ask, self.slots_max, now);
                Ok(FetchPlan {
                    partitions: ask.wanted,
                    session_id,
                    incremental: false,
                })
            }
            FINAL_EPOCH => {
                sessions.by_id.remove(&ask.session_id);
                Ok(FetchPlan {
                    partitions: ask.wanted,
                    session_id: NO_SESSION,
                    incremental: false,
                })
            }
            _ => sessions.resume(ask, now),
        }
    }

    /// Whether the answer mentions the partition; remembers what is told.
    pub fn tell<'a>(
        &self,
        plan: &FetchPlan,
        answers: impl Iterator<Item = (&'a PartitionRef, &'a News)>,
    ) -> Vec<bool> {
        let mut sessions = self.sessions.lock();
        match sessions.by_id.get_mut(&plan.session_id) {
            Some(session) => answers
                .map(|(partition, news)| session.tell(partition, news) || !plan.incremental)
                .collect(),
            None => answers.map(|_| true).collect(),
        }
    }
}

impl Sessions {
    /// Opens a session for the partitions asked for, or says 0 when there is no room for it.
    fn open(&mut self, ask: &FetchAsk, slots_max: usize, now: Duration) -> i32 {
        if ask.wanted.is_empty() || ask.wanted.len() > SESSION_PARTITIONS_MAX {
            return NO_SESSION;
        }
        if self.by_id.len() >= slots_max && !self.evict(now) {
            return NO_SESSION;
        }
        let mut session = Session {
            epoch: 1,
            by_id: ask.by_id,
            partitions: IndexMap::with_capacity(ask.wanted.len()),
            first: 0,
            last_used: now,
        };
        session.add(&ask.wanted);
        let id = self.next_id();
        self.by_id.insert(id, session);
        id
    }

    fn evict(&mut self, now: Duration) -> bool {
        let oldest = self
            .by_id
            .iter()
            .min_by_key(|(_, session)| session.last_used);
        let Some((&id, session)) = oldest else {
            return false;
        };
        if now.saturating_sub(session.last_used) < EVICTABLE_AFTER {
            return false;
        }
        self.by_id.remove(&id);
        self.evictions += 1;
        true
    }

    fn next_id(&mut self) -> i32 {
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if !self.by_id.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }

    fn resume(&mut self, ask: FetchAsk, now: Duration) -> Result<FetchPlan, ErrorCode> {
        let session = self
            .by_id
            .get_mut(&ask.session_id)
            .ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.epoch != ask.session_epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.by_id != ask.by_id {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        for partition in &ask.forgotten {
            session.partitions.shift_remove(partition);
        }
        if session.partitions.len() + ask.wanted.len() > SESSION_PARTITIONS_MAX {
            return Err(ErrorCode::InvalidRequest);
        }
        session.add(&ask.wanted);
        session.last_used = now;
        session.epoch = session.epoch.checked_add(1).unwrap_or(1);
        Ok(FetchPlan {
            partitions: session.in_turn(),
            session_id: ask.session_id,
            incremental: true,
        })
    }
}

impl Session {
    fn add(&mut self, wanted: &[(PartitionRef, Interest)]) {
        for (partition, interest) in wanted {
            match self.partitions.get_mut(partition) {
                Some(tracked) => tracked.interest = interest.clone(),
                None => {
                    let tracked = Tracked {
                        interest: interest.clone(),
                        told: None,
                    };
                    self.partitions.insert(partition.clone(), tracked);
                }
            }
        }
    }

    fn in_turn(&mut self) -> Vec<(PartitionRef, Interest)> {
        let count = self.partitions.len();
        if count == 0 {
            return Vec::new();
        }
        self.first = (self.first + 1) % count;
        let (before, from) = (0..self.first, self.first..count);
        from.chain(before)
            .filter_map(|index| self.partitions.get_index(index))
            .map(|(partition, tracked)| (partition.clone(), tracked.interest.clone()))
            .collect()
    }

    /// Whether there is news for the consumer.
    fn tell(&mut self, partition: &PartitionRef, news: &News) -> bool {
        let Some(tracked) = self.partitions.get_mut(partition) else {
            return true;
        };
        let changed = tracked.told != Some(news.told);
        // After an error everything is news again.
        tracked.told = (!news.failed).then_some(news.told);
        changed || news.urgent
    }
}
