//! From a frame to its handler: reads the header, checks the version, calls the one file that
//! knows the API.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_wire::{ApiKey, Decoder, RequestHeader, served};

use crate::call::{Call, Peer};
use crate::connection::{CloseReason, Finished, Outcome, Service};
use crate::context::Context;
use crate::handlers as api;
use crate::metrics::Timeline;

/// What one connection talks to.
pub struct Dispatcher {
    context: Arc<Context>,
    peer: Arc<Peer>,
    /// When bytes last came in.
    received: Duration,
}

impl Dispatcher {
    #[must_use]
    pub fn new(context: Arc<Context>, peer: Peer) -> Self {
        Self {
            context,
            peer: Arc::new(peer),
            received: Duration::ZERO,
        }
    }
}

impl Service for Dispatcher {
    fn received(&mut self) {
        self.received = self.context.clock.elapsed();
    }

    fn now(&self) -> Duration {
        self.context.clock.elapsed()
    }

    fn left(&mut self, timelines: &[Timeline], sending: Duration) {
        let sent = self.now();
        for timeline in timelines {
            self.context.metrics.requests.left(timeline, sending, sent);
        }
    }

    fn call(&mut self, frame: Bytes) -> Outcome {
        let began = self.context.clock.elapsed();
        let mut body = Decoder::new(frame);
        let header = match RequestHeader::decode(&mut body) {
            Ok(header) => header,
            Err(error) => return close(format!("request header: {error}")),
        };
        let Some(key) = ApiKey::from_code(header.api_key) else {
            return close(format!("api key {} is not known", header.api_key));
        };
        let version = header.api_version;
        let is_served = served(key).is_some_and(|line| line.versions.contains(version));
        let call = Call {
            context: Arc::clone(&self.context),
            peer: Arc::clone(&self.peer),
            key,
            version,
            correlation_id: header.correlation_id,
            client_id: header.client_id,
            arrived: self.received,
            began,
        };
        if !is_served {
            // The one request that a client may send before it knows what is served.
            return match key {
                ApiKey::ApiVersions => api::api_versions::unsupported(&call),
                _ => close(format!("{} version {version} is not served", key.name())),
            };
        }
        route(call, &mut body)
    }
}

fn close(reason: String) -> Outcome {
    Outcome::Now(Finished::Close(CloseReason::BadRequest(reason)))
}

fn route(call: Call, body: &mut Decoder) -> Outcome {
    match call.key {
        ApiKey::Produce => api::produce::handle(call, body),
        ApiKey::Fetch => api::fetch::handle(call, body),
        ApiKey::ListOffsets => call.now(body, api::list_offsets::handle),
        ApiKey::Metadata => call.later(body, api::metadata::handle),
        ApiKey::OffsetCommit => call.later(body, api::offset_commit::handle),
        ApiKey::OffsetFetch => call.later(body, api::offset_fetch::handle),
        ApiKey::FindCoordinator => call.later(body, api::find_coordinator::handle),
        ApiKey::JoinGroup => call.later(body, api::join_group::handle),
        ApiKey::Heartbeat => call.later(body, api::heartbeat::handle),
        ApiKey::LeaveGroup => call.later(body, api::leave_group::handle),
        ApiKey::SyncGroup => call.later(body, api::sync_group::handle),
        ApiKey::DescribeGroups => call.later(body, api::describe_groups::handle),
        ApiKey::ListGroups => call.later(body, api::list_groups::handle),
        ApiKey::DeleteGroups => call.later(body, api::delete_groups::handle),
        ApiKey::OffsetDelete => call.later(body, api::offset_delete::handle),
        ApiKey::CreateTopics => call.later(body, api::create_topics::handle),
        ApiKey::CreatePartitions => call.later(body, api::create_partitions::handle),
        ApiKey::DescribeConfigs => call.now(body, api::describe_configs::handle),
        ApiKey::AlterConfigs => call.later(body, api::alter_configs::handle),
        ApiKey::IncrementalAlterConfigs => call.later(body, api::incremental_alter_configs::handle),
        ApiKey::ListConfigResources => call.now(body, api::list_config_resources::handle),
        ApiKey::DescribeQuorum => call.now(body, api::describe_quorum::handle),
        ApiKey::DeleteTopics => call.later(body, api::delete_topics::handle),
        ApiKey::DeleteRecords => call.later(body, api::delete_records::handle),
        ApiKey::InitProducerId => call.later(body, api::init_producer_id::handle),
        ApiKey::DescribeCluster => call.now(body, api::describe_cluster::handle),
        ApiKey::DescribeTopicPartitions => call.now(body, api::describe_topic_partitions::handle),
        ApiKey::OffsetForLeaderEpoch => call.now(body, api::offset_for_leader_epoch::handle),
        ApiKey::ApiVersions => call.now(body, api::api_versions::handle),
        ApiKey::DescribeLogDirs => call.now(body, api::describe_log_dirs::handle),
        ApiKey::DescribeProducers => call.later(body, api::describe_producers::handle),
        key => close(format!("{} is not served", key.name())),
    }
}
