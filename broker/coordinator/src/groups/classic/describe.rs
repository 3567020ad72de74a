//! What tools are told about a group.

use std::sync::Arc;

use bytes::Bytes;
use millrace_wire::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use millrace_wire::messages::list_groups_response::ListedGroup;

use crate::groups::classic::group::{ClassicGroup, State};

impl ClassicGroup {
    pub(crate) fn describe(&self) -> DescribedGroup {
        // Before the group is stable neither the protocol nor the assignment is agreed on.
        let protocol = self
            .protocol
            .clone()
            .filter(|_| self.state == State::Stable);
        let members = self.members.iter().map(|member| {
            let (metadata, assignment) = match &protocol {
                Some(protocol) => (member.offer.metadata(protocol), member.assignment.clone()),
                None => (Bytes::new(), Bytes::new()),
            };
            DescribedGroupMember {
                member_id: member.id.clone(),
                group_instance_id: member.instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                member_metadata: metadata,
                member_assignment: assignment,
            }
        });
        DescribedGroup {
            group_id: self.id.clone(),
            group_state: Arc::from(self.state.name()),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            members: members.collect(),
            protocol_data: protocol.unwrap_or_default(),
            ..DescribedGroup::default()
        }
    }

    pub(crate) fn listed(&self) -> ListedGroup {
        ListedGroup {
            group_id: self.id.clone(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            group_state: Arc::from(self.state.name()),
            group_type: Arc::from("classic"),
        }
    }
}
