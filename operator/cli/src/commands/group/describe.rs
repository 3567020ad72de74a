//! `millrace group describe`.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use millrace_client::ClientError;
use millrace_client::admin::{GroupMember, OffsetSpec};
use millrace_types::{ErrorCode, TopicPartition};
use serde_json::json;

use crate::args::Format;
use crate::context::Context;
use crate::output::{Rows, say};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    group: String,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let group: Arc<str> = args.group.into();
    let client = &context.client;
    let described = client.describe_group(&group).await?;
    let offsets = client.group_offsets(&group).await?;
    let owners = owners(&described.members);
    let mut partitions: Vec<_> = offsets.keys().chain(owners.keys().copied()).collect();
    partitions.sort_unstable();
    partitions.dedup();
    let ends = ends(context, &partitions).await?;

    let mut rows = Rows::new(&[
        "topic",
        "partition",
        "offset",
        "end",
        "lag",
        "client",
        "host",
    ]);
    for at in partitions {
        let offset = offsets.get(at).map(|known| known.offset);
        let end = ends.get(at).copied();
        let lag = offset.zip(end).map(|(offset, end)| (end - offset).max(0));
        let owner = owners.get(at);
        rows.push(vec![
            json!(&*at.topic),
            json!(at.partition),
            json!(offset),
            json!(end),
            json!(lag),
            json!(owner.map(|member| &*member.client_id)),
            json!(owner.map(|member| &*member.host)),
        ]);
    }
    if context.format == Format::Table {
        let members = described.members.len();
        say(&format!(
            "{group}: {}, {members} members\n",
            described.state
        ))?;
    }
    rows.print(context.format)?;
    Ok(())
}

fn owners(members: &[GroupMember]) -> BTreeMap<&TopicPartition, &GroupMember> {
    let owned = members.iter();
    owned
        .flat_map(|member| member.assigned.iter().map(move |at| (at, member)))
        .collect()
}

/// Where the partitions end; a group may remember topics that are gone.
async fn ends(
    context: &Context,
    partitions: &[&TopicPartition],
) -> Result<BTreeMap<TopicPartition, i64>> {
    let mut wanted = Vec::new();
    for &at in partitions {
        match context.client.topic(&at.topic).await {
            Ok(_) => wanted.push((at.clone(), OffsetSpec::Latest)),
            Err(ClientError::Server {
                code: ErrorCode::UnknownTopicOrPartition,
                ..
            }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = context
        .client
        .list_offsets(&wanted, false)
        .await?
        .into_iter();
    Ok(found
        .filter_map(|(at, end)| Some((at, end.offset?)))
        .collect())
}
