//! A group's record: what of it survives its coordinator, and how it comes back.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::{NO_TIMESTAMP, Timestamp};
use millrace_wire::records::group::group_metadata_value::{GroupMetadataValue, MemberMetadata};

use crate::groups::classic::group::{ClassicGroup, State};
use crate::groups::classic::members::{Member, Offer, Protocol};
use crate::groups::records::GroupRecord;
use crate::groups::turn::{Deferred, GroupTurn};

impl ClassicGroup {
    /// Writes the group as it is, with these assignments.
    pub(crate) fn persist(
        &mut self,
        assignments: &[(Arc<str>, Bytes)],
        then: Deferred,
        turn: &mut GroupTurn<'_>,
    ) {
        self.persisted = true;
        let record = GroupRecord::ClassicGroup {
            group_id: self.id.clone(),
            value: Some(self.to_value(assignments)),
        };
        turn.write(vec![record], then);
    }

    fn to_value(&self, assignments: &[(Arc<str>, Bytes)]) -> GroupMetadataValue {
        let protocol = self.protocol.as_deref().unwrap_or("");
        // Both are in the order of member ids.
        let members = assignments.iter().filter_map(|(member_id, assignment)| {
            let member = self.members.get(member_id)?;
            Some(MemberMetadata {
                member_id: member.id.clone(),
                group_instance_id: member.instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                rebalance_timeout: member.offer.rebalance_timeout_ms,
                session_timeout: member.offer.session_timeout_ms,
                subscription: member.offer.metadata(protocol),
                assignment: assignment.clone(),
            })
        });
        GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: self.state_since.unwrap_or(NO_TIMESTAMP),
            members: members.collect(),
        }
    }

    /// The group that a record describes: at rest, with or without members.
    pub(crate) fn from_value(id: Arc<str>, value: GroupMetadataValue) -> Self {
        let since = value.current_state_timestamp;
        let mut group = Self::new(id, (since != NO_TIMESTAMP).then_some(since));
        group.persisted = true;
        group.generation = value.generation;
        group.protocol_type = Some(value.protocol_type).filter(|name| !name.is_empty());
        group.protocol = value.protocol;
        group.leader = value.leader;
        let protocol = group.protocol.clone().unwrap_or_default();
        for member in value.members {
            group
                .members
                .insert(loaded_member(member, protocol.clone()));
        }
        if !group.members.is_empty() {
            group.state = State::Stable;
        }
        group.update_subscription();
        group
    }

    /// A new coordinator cannot know when its members were last heard of: their sessions start now.
    pub(crate) fn start_sessions(&self, turn: &mut GroupTurn<'_>) {
        for member in self.members.iter() {
            self.touch(&member.id, turn);
        }
    }
}

fn loaded_member(member: MemberMetadata, protocol: Arc<str>) -> Member {
    let offer = Offer {
        // Records of the first version have no rebalance timeout.
        rebalance_timeout_ms: match member.rebalance_timeout {
            unset if unset < 0 => member.session_timeout,
            timeout => timeout,
        },
        session_timeout_ms: member.session_timeout,
        protocols: vec![Protocol {
            name: protocol,
            metadata: Bytes::copy_from_slice(&member.subscription),
        }],
    };
    let mut loaded = Member::new(member.member_id, member.group_instance_id, offer);
    loaded.client_id = member.client_id;
    loaded.client_host = member.client_host;
    loaded.assignment = Bytes::copy_from_slice(&member.assignment);
    loaded
}

/// When offsets of the group begin to age: once it is empty, or, if it is not known since when, or
/// while consumers are at work elsewhere, from their commit on. `None` while nothing may expire.
pub(crate) enum ExpiryBase {
    Since(Timestamp),
    Commit,
}

impl ClassicGroup {
    /// KIP-211: offsets of an empty group age since it became empty, those of topics that a stable
    /// group no longer subscribes to since their commit, and so do those of a group without members.
    pub(crate) fn expiry_base(&self) -> Option<ExpiryBase> {
        if self.protocol_type.is_none() {
            return Some(ExpiryBase::Commit);
        }
        match self.state {
            State::Empty => Some(
                self.state_since
                    .map_or(ExpiryBase::Commit, ExpiryBase::Since),
            ),
            State::Stable if self.uses_consumer_protocol() && self.subscribed.is_some() => {
                Some(ExpiryBase::Commit)
            }
            _ => None,
        }
    }
}
