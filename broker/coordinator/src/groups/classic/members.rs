//! The members of one classic group, and the sums over them that every decision needs.
//! Knows no states, timers or replies.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use millrace_types::ErrorCode;

use crate::groups::subscription;
use crate::result::RequestToken;

/// One way of assigning that a member offers, with what it tells the leader about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Protocol {
    pub(crate) name: Arc<str>,
    pub(crate) metadata: Bytes,
}

/// What a member says of itself each time it joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    /// In the member's order of preference.
    pub(crate) protocols: Vec<Protocol>,
}

impl Offer {
    pub(crate) fn metadata_bytes(&self) -> usize {
        metadata_bytes(&self.protocols)
    }

    pub(crate) fn metadata(&self, protocol: &str) -> Bytes {
        let offered = self
            .protocols
            .iter()
            .find(|offered| &*offered.name == protocol);
        offered.map_or_else(Bytes::new, |offered| offered.metadata.clone())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: Arc<str>,
    /// A name that outlives the member id (KIP-345).
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) offer: Offer,
    pub(crate) assignment: Bytes,
    pub(crate) awaiting_sync: Option<RequestToken>,
    awaiting_join: Option<RequestToken>,
    /// Has not seen the end of a join yet, so it cannot send heartbeats.
    pub(crate) is_new: bool,
}

impl Member {
    pub(crate) fn new(id: Arc<str>, instance_id: Option<Arc<str>>, offer: Offer) -> Self {
        Self {
            id,
            instance_id,
            client_id: Arc::from(""),
            client_host: Arc::from(""),
            offer,
            assignment: Bytes::new(),
            awaiting_sync: None,
            awaiting_join: None,
            is_new: false,
        }
    }

    pub(crate) fn awaiting_join(&self) -> Option<RequestToken> {
        self.awaiting_join
    }

    /// Whether its silence is our doing: it waits for an answer.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Members {
    by_id: BTreeMap<Arc<str>, Member>,
    by_instance: HashMap<Arc<str>, Arc<str>>,
    awaiting_join: usize,
    /// How many members offer each protocol.
    offered: HashMap<Arc<str>, usize>,
    metadata_bytes: usize,
}

impl Members {
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Member> {
        self.by_id.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Member> {
        self.by_id.get_mut(id)
    }

    /// In the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.by_id.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.by_id.values_mut()
    }

    pub(crate) fn ids(&self) -> Vec<Arc<str>> {
        self.by_id.keys().cloned().collect()
    }

    pub(crate) fn of_instance(&self, instance_id: &str) -> Option<&Arc<str>> {
        self.by_instance.get(instance_id)
    }

    /// Whether `id` is a member, and the one that speaks for `instance_id`.
    pub(crate) fn check(&self, id: &str, instance_id: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.of_instance(instance_id) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(current) if &**current != id => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.contains(id) {
            Ok(())
        } else {
            Err(ErrorCode::UnknownMemberId)
        }
    }

    pub(crate) fn insert(&mut self, member: Member) {
        if let Some(instance_id) = &member.instance_id {
            self.by_instance
                .insert(instance_id.clone(), member.id.clone());
        }
        self.count(&member.offer.protocols);
        self.awaiting_join += usize::from(member.awaiting_join.is_some());
        self.by_id.insert(member.id.clone(), member);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Member> {
        let member = self.by_id.remove(id)?;
        if let Some(instance_id) = &member.instance_id {
            self.by_instance.remove(instance_id);
        }
        self.discount(&member.offer.protocols);
        self.awaiting_join -= usize::from(member.awaiting_join.is_some());
        Some(member)
    }

    /// Replaces what the member offers and returns what it offered before.
    pub(crate) fn update(&mut self, id: &str, offer: Offer) -> Option<Offer> {
        let member = self.by_id.get_mut(id)?;
        let before = std::mem::replace(&mut member.offer, offer);
        let now = member.offer.protocols.clone();
        self.discount(&before.protocols);
        self.count(&now);
        Some(before)
    }

    /// Keeps the token until the join ends; a token it already kept is handed back.
    pub(crate) fn park_join(&mut self, id: &str, token: RequestToken) -> Option<RequestToken> {
        let before = self.by_id.get_mut(id)?.awaiting_join.replace(token);
        self.awaiting_join += usize::from(before.is_none());
        before
    }

    pub(crate) fn take_join(&mut self, id: &str) -> Option<RequestToken> {
        let token = self.by_id.get_mut(id)?.awaiting_join.take();
        self.awaiting_join -= usize::from(token.is_some());
        token
    }

    pub(crate) fn metadata_bytes(&self) -> usize {
        self.metadata_bytes
    }

    pub(crate) fn awaiting_join(&self) -> usize {
        self.awaiting_join
    }

    /// The longest time that any member wants to have for coming back.
    pub(crate) fn rebalance_timeout_ms(&self) -> i64 {
        let longest = self.iter().map(|member| member.offer.rebalance_timeout_ms);
        i64::from(longest.max().unwrap_or(0).max(0))
    }

    /// Whether every member offers one of `names`.
    pub(crate) fn all_support_one_of(&self, names: &[Protocol]) -> bool {
        names
            .iter()
            .any(|protocol| self.all_support(&protocol.name))
    }

    /// The protocol that all support and most prefer; of equals the first by name.
    pub(crate) fn vote(&self) -> Option<Arc<str>> {
        let mut votes: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
        for member in self.iter() {
            let mut names = member.offer.protocols.iter().map(|protocol| &protocol.name);
            if let Some(choice) = names.find(|name| self.all_support(name)) {
                *votes.entry(choice).or_default() += 1;
            }
        }
        let most = votes.values().copied().max()?;
        let winner = votes.into_iter().find(|&(_, count)| count == most);
        winner.map(|(name, _)| name.clone())
    }

    /// The topics that members of the consumer protocol subscribe to, if all say so legibly.
    pub(crate) fn subscribed_topics(&self, protocol: &str) -> Option<BTreeSet<Arc<str>>> {
        let mut topics = BTreeSet::new();
        for member in self.iter() {
            topics.extend(subscription::topics(&member.offer.metadata(protocol))?);
        }
        Some(topics)
    }

    fn all_support(&self, name: &str) -> bool {
        self.offered.get(name).copied().unwrap_or(0) == self.len()
    }

    fn count(&mut self, protocols: &[Protocol]) {
        self.metadata_bytes += metadata_bytes(protocols);
        for protocol in protocols {
            *self.offered.entry(protocol.name.clone()).or_default() += 1;
        }
    }

    fn discount(&mut self, protocols: &[Protocol]) {
        self.metadata_bytes -= metadata_bytes(protocols);
        for protocol in protocols {
            if let Some(count) = self.offered.get_mut(&protocol.name) {
                *count -= 1;
                if *count == 0 {
                    self.offered.remove(&protocol.name);
                }
            }
        }
    }
}

fn metadata_bytes(protocols: &[Protocol]) -> usize {
    protocols
        .iter()
        .map(|protocol| protocol.metadata.len())
        .sum()
}
