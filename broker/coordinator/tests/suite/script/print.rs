//! Records and responses as lines of a script.

use millrace_coordinator::{GroupRecord, GroupResponse};
use millrace_types::ErrorCode;
use millrace_wire::messages::describe_groups_response::DescribedGroup;
use millrace_wire::messages::join_group_response::JoinGroupResponse;
use millrace_wire::messages::offset_fetch_response::OffsetFetchResponseGroup;

pub(super) fn record(record: &GroupRecord, name: impl Fn(&str) -> String) -> String {
    match record {
        GroupRecord::Offset { key, value } => {
            let at = format!("{} {}-{}", key.group_id, key.topic, key.partition);
            match value {
                None => format!("  log: {at} gone"),
                Some(value) => format!("  log: {at} = {} {:?}", value.offset, value.metadata),
            }
        }
        GroupRecord::ClassicGroup {
            group_id,
            value: None,
        } => format!("  log: {group_id} gone"),
        GroupRecord::ClassicGroup {
            group_id,
            value: Some(value),
        } => {
            let members = value.members.iter().map(|member| {
                let assignment = String::from_utf8_lossy(&member.assignment);
                format!(" {}={assignment:?}", name(&member.member_id))
            });
            let members: String = members.collect();
            let leader = value.leader.as_deref().map_or("nobody".to_owned(), &name);
            let generation = value.generation;
            format!("  log: {group_id} generation {generation}, leader {leader}:{members}")
        }
    }
}

pub(super) fn response(
    who: &str,
    response: &GroupResponse,
    name: impl Fn(&str) -> String,
) -> String {
    match response {
        GroupResponse::Join(joined) => join(who, joined, name),
        GroupResponse::Sync(synced) if synced.error_code == 0 => {
            let assignment = String::from_utf8_lossy(&synced.assignment);
            format!("  {who} assigned {assignment:?}")
        }
        GroupResponse::Sync(synced) => format!("  {who} sync: {}", error(synced.error_code)),
        GroupResponse::Heartbeat(beat) => format!("  {who} heartbeat: {}", error(beat.error_code)),
        GroupResponse::Leave(left) => {
            let members = left.members.iter().map(|member| error(member.error_code));
            format!(
                "  {who} leave: {}{}",
                error(left.error_code),
                listed(members)
            )
        }
        GroupResponse::CommitOffsets(committed) => {
            let partitions = committed.topics.iter().flat_map(|topic| &topic.partitions);
            let errors = partitions.map(|partition| error(partition.error_code));
            format!("  {who} commit:{}", listed(errors))
        }
        GroupResponse::FetchOffsets(fetched) => fetch(fetched),
        GroupResponse::DeleteOffsets(deleted) => {
            let partitions = deleted.topics.iter().flat_map(|topic| &topic.partitions);
            let errors = partitions.map(|partition| error(partition.error_code));
            format!(
                "  delete-offsets: {}{}",
                error(deleted.error_code),
                listed(errors)
            )
        }
        GroupResponse::Describe(described) => describe(described, name),
        GroupResponse::List(groups) => {
            let groups = groups.as_ref().expect("a list").iter();
            let groups = groups.map(|group| {
                format!(
                    "{} {} {}",
                    group.group_id, group.group_state, group.group_type
                )
            });
            format!("  list:{}", listed(groups))
        }
        GroupResponse::Delete(deleted) => format!("  delete: {}", error(deleted.error_code)),
        GroupResponse::ForgetTopics(outcome) => {
            let error = outcome.err().unwrap_or(ErrorCode::None);
            format!("  forget-topics: {error}")
        }
    }
}

fn join(who: &str, joined: &JoinGroupResponse, name: impl Fn(&str) -> String) -> String {
    if joined.error_code != 0 {
        return format!("  {who} join: {}", error(joined.error_code));
    }
    let members = joined.members.iter().map(|member| name(&member.member_id));
    format!(
        "  {who} joined as {}: generation {}, {}, leader {}{}{}",
        name(&joined.member_id),
        joined.generation_id,
        joined.protocol_name.as_deref().unwrap_or("no protocol"),
        name(&joined.leader),
        if joined.members.is_empty() {
            String::new()
        } else {
            listed(members)
        },
        if joined.skip_assignment {
            ", keeps its assignment"
        } else {
            ""
        },
    )
}

fn fetch(fetched: &OffsetFetchResponseGroup) -> String {
    let partitions = fetched.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(move |partition| {
            let note = partition.metadata.as_deref().unwrap_or("null");
            format!(
                "{}-{} = {} epoch {} {note:?}{}",
                topic.name,
                partition.partition_index,
                partition.committed_offset,
                partition.committed_leader_epoch,
                match partition.error_code {
                    0 => String::new(),
                    code => format!(" {}", error(code)),
                }
            )
        })
    });
    format!(
        "  fetch: {}{}",
        error(fetched.error_code),
        listed(partitions)
    )
}

fn describe(group: &DescribedGroup, name: impl Fn(&str) -> String) -> String {
    let members = group.members.iter().map(|member| {
        let assignment = String::from_utf8_lossy(&member.member_assignment);
        let instance = member.group_instance_id.as_deref().unwrap_or("-");
        let metadata = member.member_metadata.len();
        let id = name(&member.member_id);
        format!("{id} ({instance}) {assignment:?} of {metadata} bytes")
    });
    format!(
        "  describe: {} {:?} {:?} {:?}{}",
        error(group.error_code),
        group.group_state,
        group.protocol_type,
        group.protocol_data,
        listed(members)
    )
}

fn listed(items: impl Iterator<Item = String>) -> String {
    format!(" [{}]", items.collect::<Vec<_>>().join(", "))
}

fn error(code: i16) -> String {
    ErrorCode::from_code(code).to_string()
}
