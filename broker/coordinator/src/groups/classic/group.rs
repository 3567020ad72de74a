//! The state of one classic group: where its rebalance stands, and who is in it.
//! What happens on requests and alarms is in the files beside this one.

use std::collections::BTreeSet;
use std::sync::Arc;

use millrace_types::{ErrorCode, Timestamp};

use crate::groups::classic::members::Members;
use crate::groups::subscription::CONSUMER_PROTOCOL_TYPE;
use crate::groups::turn::{GroupTimer, GroupTurn};

/// Where a group is on its way to the next assignment. A dead group is one that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Empty,
    /// Members are called back to join; with a delay when the group was empty before.
    Preparing(Option<InitialDelay>),
    /// All have joined; the leader is making the assignment.
    Completing,
    Stable,
}

impl State {
    /// The name that clients and tools know.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Preparing(_) => "PreparingRebalance",
            Self::Completing => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// The wait for more members before the first rebalance, longer while members still arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InitialDelay {
    pub(crate) delay_ms: i64,
    pub(crate) remaining_ms: i64,
    pub(crate) new_member: bool,
}

#[derive(Debug)]
pub(crate) struct ClassicGroup {
    pub(crate) id: Arc<str>,
    pub(crate) state: State,
    pub(crate) state_since: Option<Timestamp>,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) generation: i32,
    pub(crate) leader: Option<Arc<str>>,
    pub(crate) members: Members,
    /// Ids given out whose owners have not joined with them yet.
    pub(crate) pending_join: BTreeSet<Arc<str>>,
    /// Members that joined this generation and have not asked for their assignment yet.
    pub(crate) pending_sync: BTreeSet<Arc<str>>,
    /// Known only for consumers whose metadata could be read.
    pub(crate) subscribed: Option<BTreeSet<Arc<str>>>,
    /// The log knows this group beyond its offsets.
    pub(crate) persisted: bool,
}

impl ClassicGroup {
    /// A group without members; while it has no protocol type it is a mere holder of offsets.
    pub(crate) fn new(id: Arc<str>, state_since: Option<Timestamp>) -> Self {
        Self {
            id,
            state: State::Empty,
            state_since,
            protocol_type: None,
            protocol: None,
            generation: 0,
            leader: None,
            members: Members::default(),
            pending_join: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            subscribed: None,
            persisted: false,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    pub(crate) fn member_count(&self) -> usize {
        self.members.len()
    }

    /// Nobody is in the group or about to come.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_empty() && self.pending_join.is_empty()
    }

    /// Nothing would be lost if this group were forgotten.
    pub(crate) fn is_hollow(&self) -> bool {
        self.is_idle() && !self.persisted
    }

    pub(crate) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    pub(crate) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER_PROTOCOL_TYPE)
    }

    /// When the topics are not known, consumers count as subscribed to every one.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    pub(crate) fn enter(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.state_since = Some(now);
    }

    pub(crate) fn all_joined(&self) -> bool {
        self.members.awaiting_join() == self.members.len() && self.pending_join.is_empty()
    }

    pub(crate) fn check_member(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<(), ErrorCode> {
        self.members.check(member_id, instance_id)?;
        if generation == self.generation {
            Ok(())
        } else {
            Err(ErrorCode::IllegalGeneration)
        }
    }

    /// Starts the member's session anew.
    pub(crate) fn touch(&self, member_id: &str, turn: &mut GroupTurn<'_>) {
        if let Some(member) = self.members.get(member_id) {
            let deadline = turn.now.steady + i64::from(member.offer.session_timeout_ms);
            turn.timers
                .schedule(self.session_timer(&member.id), deadline);
        }
    }

    pub(crate) fn session_timer(&self, member_id: &Arc<str>) -> GroupTimer {
        GroupTimer::Session {
            group: self.id.clone(),
            member: member_id.clone(),
        }
    }

    pub(crate) fn join_timer(&self) -> GroupTimer {
        GroupTimer::Join {
            group: self.id.clone(),
        }
    }

    pub(crate) fn sync_timer(&self) -> GroupTimer {
        GroupTimer::Sync {
            group: self.id.clone(),
        }
    }

    /// The topics of the members, as far as they say, under the current protocol.
    pub(crate) fn update_subscription(&mut self) {
        self.subscribed = if !self.uses_consumer_protocol() {
            None
        } else if self.members.is_empty() {
            Some(BTreeSet::new())
        } else {
            let protocol = self.protocol.as_deref();
            protocol.and_then(|protocol| self.members.subscribed_topics(protocol))
        };
    }
}
