//! When each broker was last heard of, and how far it has read. The one thing that decisions need
//! and the image does not have: it is not worth a record.

use std::collections::BTreeMap;

use millrace_types::{NodeId, Offset, Timestamp};

use crate::image::MetadataImage;

#[derive(Clone, Copy, Debug)]
struct Session {
    last_contact: Timestamp,
    metadata_offset: Offset,
    /// Where the log ended when the broker gave up what it led.
    handed_over_at: Option<Offset>,
}

/// Grows with the brokers that are registered, no further: others are refused before they get here.
#[derive(Clone, Debug)]
pub struct Sessions {
    timeout_ms: i64,
    by_broker: BTreeMap<NodeId, Session>,
}

impl Sessions {
    /// Brokers that the image shows active count as heard of `now`: whoever begins to decide gives
    /// them time to find out.
    #[must_use]
    pub fn starting(image: &MetadataImage, timeout_ms: i64, now: Timestamp) -> Self {
        let mut sessions = Self {
            timeout_ms,
            by_broker: BTreeMap::new(),
        };
        for broker in image.brokers.iter().filter(|broker| !broker.fenced) {
            sessions.heard_of(broker.id, -1, now);
        }
        sessions
    }

    pub fn heard_of(&mut self, node: NodeId, metadata_offset: Offset, now: Timestamp) {
        let session = self.by_broker.entry(node).or_insert(Session {
            last_contact: now,
            metadata_offset,
            handed_over_at: None,
        });
        session.last_contact = now;
        session.metadata_offset = session.metadata_offset.max(metadata_offset);
    }

    /// The broker was told at this position of the log to hand over. The first time counts.
    pub fn handed_over(&mut self, node: NodeId, at: Offset) {
        if let Some(session) = self.by_broker.get_mut(&node) {
            session.handed_over_at.get_or_insert(at);
        }
    }

    pub fn forget(&mut self, node: NodeId) {
        self.by_broker.remove(&node);
    }

    #[must_use]
    pub fn is_alive(&self, node: NodeId, now: Timestamp) -> bool {
        let session = self.by_broker.get(&node);
        session.is_some_and(|session| now - session.last_contact < self.timeout_ms)
    }

    /// Active brokers that are to be fenced.
    pub fn expired<'a>(
        &'a self,
        image: &'a MetadataImage,
        now: Timestamp,
    ) -> impl Iterator<Item = NodeId> + 'a {
        let serving = image.brokers.iter().filter(|broker| !broker.fenced);
        serving
            .map(|broker| broker.id)
            .filter(move |&node| !self.is_alive(node, now))
    }

    /// Whether all active brokers have read that `node` handed over.
    #[must_use]
    pub fn others_caught_up(&self, image: &MetadataImage, node: NodeId) -> bool {
        let Some(at) = self
            .by_broker
            .get(&node)
            .and_then(|session| session.handed_over_at)
        else {
            return false;
        };
        let mut active = image.brokers.iter().filter(|broker| broker.is_active());
        active.all(|broker| {
            let session = self.by_broker.get(&broker.id);
            session.is_some_and(|session| session.metadata_offset >= at)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_alive_until_its_timeout_has_passed() {
        let node = NodeId(1);
        let mut sessions = Sessions::starting(&MetadataImage::empty("c"), 10, 0);
        assert!(!sessions.is_alive(node, 0));
        sessions.heard_of(node, 5, 100);
        assert!(sessions.is_alive(node, 109));
        assert!(!sessions.is_alive(node, 110));
        sessions.heard_of(node, 5, 110);
        assert!(sessions.is_alive(node, 119));
        sessions.forget(node);
        assert!(!sessions.is_alive(node, 110));
    }
}
