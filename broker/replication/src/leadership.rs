//! The leader's view of one partition: who is in sync, and up to where every one of them has the
//! log. Pure: it is told what happened and says how far the high watermark may go.
//!
//! The rules are those of the KIP-320 specification; the asserts below are its invariants.

use std::collections::BTreeMap;

use millrace_types::{LeaderEpoch, NodeId, Offset};

/// What the metadata log says of a partition, as far as its replicas need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub leader: NodeId,
    pub leader_epoch: LeaderEpoch,
    pub partition_epoch: i32,
    pub replicas: Vec<NodeId>,
    pub isr: Vec<NodeId>,
}

/// What one leader knows during one epoch.
#[derive(Debug)]
pub struct Leadership {
    me: NodeId,
    assignment: Assignment,
    /// End of this leader's own log, as far as the topic's settings call it durable.
    own_end: Offset,
    /// Where each follower has asked to read from: it holds everything before. Only
    /// acknowledgements of this epoch are here.
    follower_ends: BTreeMap<NodeId, Offset>,
    high_watermark: Offset,
}

impl Leadership {
    /// Takes office with the log as it stands. The high watermark is the one last known here;
    /// it may lag behind the true one, never lead it.
    #[must_use]
    pub fn begin(me: NodeId, assignment: Assignment, own_end: Offset, known: Offset) -> Self {
        assert_eq!(assignment.leader, me, "only the elected leader leads");
        let high_watermark = known.min(own_end);
        let mut leadership = Self {
            me,
            assignment,
            own_end,
            follower_ends: BTreeMap::new(),
            high_watermark,
        };
        leadership.advance();
        leadership
    }

    #[must_use]
    pub fn epoch(&self) -> LeaderEpoch {
        self.assignment.leader_epoch
    }

    #[must_use]
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    #[must_use]
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// Whether as many replicas are in sync as the topic asks for before it takes a write that
    /// wants all of them.
    #[must_use]
    pub fn has_enough_in_sync(&self, min_insync_replicas: usize) -> bool {
        self.assignment.isr.len() >= min_insync_replicas
    }

    /// The metadata changed within this epoch: another ISR, another set of replicas.
    pub fn reassign(&mut self, assignment: Assignment) -> Offset {
        assert_eq!(
            assignment.leader_epoch,
            self.epoch(),
            "a new epoch begins a new leadership"
        );
        let replicas = &assignment.replicas;
        self.follower_ends.retain(|node, _| replicas.contains(node));
        self.assignment = assignment;
        self.advance()
    }

    /// The leader's own log reached `end`. A leader never truncates its log, so an earlier end is
    /// old news.
    pub fn appended(&mut self, end: Offset) -> Offset {
        self.own_end = self.own_end.max(end);
        self.advance()
    }

    /// A follower fetched from `offset` under `epoch`, so it holds everything before. An
    /// acknowledgement of another epoch says nothing about this leader's log.
    pub fn follower_fetched(
        &mut self,
        follower: NodeId,
        epoch: LeaderEpoch,
        offset: Offset,
    ) -> Offset {
        if epoch == self.epoch() && self.assignment.replicas.contains(&follower) {
            self.follower_ends.insert(follower, offset);
        }
        self.advance()
    }

    fn advance(&mut self) -> Offset {
        let held_by_all = self
            .assignment
            .isr
            .iter()
            .map(|&node| self.end_of(node))
            .min();
        let candidate = held_by_all.unwrap_or(self.high_watermark);
        // A replica that just joined may be behind what was committed before: never go back.
        self.high_watermark = self.high_watermark.max(candidate);
        debug_assert!(
            self.high_watermark <= self.own_end,
            "nothing is committed beyond the log"
        );
        self.high_watermark
    }

    fn end_of(&self, node: NodeId) -> Offset {
        if node == self.me {
            self.own_end
        } else {
            self.follower_ends
                .get(&node)
                .copied()
                .unwrap_or(self.high_watermark)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: NodeId = NodeId(1);
    const OTHER: NodeId = NodeId(2);

    fn assignment(isr: &[NodeId]) -> Assignment {
        Assignment {
            leader: ME,
            leader_epoch: 5,
            partition_epoch: 0,
            replicas: vec![ME, OTHER],
            isr: isr.to_vec(),
        }
    }

    #[test]
    fn alone_in_sync_the_leader_commits_what_it_appends() {
        let mut leadership = Leadership::begin(ME, assignment(&[ME]), 10, 3);
        assert_eq!(leadership.high_watermark(), 10);
        assert_eq!(leadership.appended(12), 12);
    }

    #[test]
    fn waits_for_every_replica_in_sync() {
        let mut leadership = Leadership::begin(ME, assignment(&[ME, OTHER]), 10, 3);
        assert_eq!(leadership.high_watermark(), 3);
        assert_eq!(leadership.follower_fetched(OTHER, 5, 7), 7);
        assert_eq!(leadership.appended(20), 7);
        assert_eq!(leadership.follower_fetched(OTHER, 5, 20), 20);
    }

    #[test]
    fn an_acknowledgement_of_another_epoch_counts_for_nothing() {
        let mut leadership = Leadership::begin(ME, assignment(&[ME, OTHER]), 10, 3);
        assert_eq!(leadership.follower_fetched(OTHER, 4, 9), 3);
        assert_eq!(leadership.follower_fetched(NodeId(9), 5, 9), 3);
    }

    #[test]
    fn shrinking_the_isr_commits_what_the_rest_holds_and_growing_it_takes_nothing_back() {
        let mut leadership = Leadership::begin(ME, assignment(&[ME, OTHER]), 10, 3);
        assert_eq!(leadership.reassign(assignment(&[ME])), 10);
        assert_eq!(leadership.reassign(assignment(&[ME, OTHER])), 10);
        assert_eq!(leadership.appended(11), 10);
    }

    #[test]
    fn counts_the_replicas_in_sync() {
        let leadership = Leadership::begin(ME, assignment(&[ME]), 0, 0);
        assert!(leadership.has_enough_in_sync(1));
        assert!(!leadership.has_enough_in_sync(2));
    }
}
