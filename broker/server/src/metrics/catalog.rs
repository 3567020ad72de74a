//! Every metric the broker has: name, kind, labels, meaning. The one table behind the scrape and
//! the reference page. Names are those that Kafka's usual dashboards and alerts read.

use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Summary,
}

/// One family of series.
#[derive(Debug)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

macro_rules! metrics {
    ($($id:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(pub const $id: Metric = Metric {
            name: $name,
            kind: Kind::$kind,
            labels: &[$($label),*],
            help: $help,
        };)*
        pub const ALL: &[&Metric] = &[$(&$id),*];
    };
}

metrics! {
    // This broker's replicas.
    PARTITION_COUNT: Gauge "kafka_server_replicamanager_partitioncount" [] "Partitions with a replica on this broker.";
    LEADER_COUNT: Gauge "kafka_server_replicamanager_leadercount" [] "Partitions led by this broker.";
    UNDER_REPLICATED_PARTITIONS: Gauge "kafka_server_replicamanager_underreplicatedpartitions" [] "Partitions led here with replicas that are not in sync.";
    UNDER_MIN_ISR_COUNT: Gauge "kafka_server_replicamanager_underminisrpartitioncount" [] "Partitions led here with fewer replicas in sync than min.insync.replicas.";
    AT_MIN_ISR_COUNT: Gauge "kafka_server_replicamanager_atminisrpartitioncount" [] "Partitions led here with exactly min.insync.replicas replicas in sync.";
    OFFLINE_REPLICAS: Gauge "kafka_server_replicamanager_offlinereplicacount" [] "Replicas assigned to this broker whose log cannot be used.";
    REASSIGNING_PARTITIONS: Gauge "kafka_server_replicamanager_reassigningpartitions" [] "Partitions led here that are moving to other brokers.";
    PRODUCER_IDS: Gauge "kafka_server_replicamanager_produceridcount" [] "Idempotent producers remembered, over all replicas.";
    ISR_SHRINKS: Counter "kafka_server_replicamanager_isrshrinks_total" [] "Replicas that fell out of sync with this leader.";
    ISR_EXPANDS: Counter "kafka_server_replicamanager_isrexpands_total" [] "Replicas that came back in sync with this leader.";
    FAILED_ISR_UPDATES: Counter "kafka_server_replicamanager_failedisrupdates_total" [] "Changes of in-sync sets that the controller refused.";
    MAX_LAG: Gauge "kafka_server_replicafetchermanager_maxlag" [] "Messages by which this broker's slowest follower replica is behind its leader.";
    PARTITION_UNDER_REPLICATED: Gauge "kafka_cluster_partition_underreplicated" ["topic", "partition"] "1 when replicas are not in sync, told by the leader.";
    PARTITION_UNDER_MIN_ISR: Gauge "kafka_cluster_partition_underminisr" ["topic", "partition"] "1 when fewer replicas are in sync than min.insync.replicas, told by the leader.";
    PARTITION_AT_MIN_ISR: Gauge "kafka_cluster_partition_atminisr" ["topic", "partition"] "1 when exactly min.insync.replicas replicas are in sync, told by the leader.";
    OMITTED_PARTITIONS: Gauge "millrace_metrics_omitted_partitions" [] "Partitions that have no series of their own because there are too many.";
    OMITTED_TOPICS: Gauge "millrace_metrics_omitted_topics" [] "Topics that have no series of their own because there are too many.";

    // The fleet, as the metadata log describes it.
    ACTIVE_CONTROLLER: Gauge "kafka_controller_kafkacontroller_activecontrollercount" [] "1 on the node that is the active controller.";
    OFFLINE_PARTITIONS: Gauge "kafka_controller_kafkacontroller_offlinepartitionscount" [] "Partitions of the fleet without a leader.";
    TOPICS: Gauge "kafka_controller_kafkacontroller_globaltopiccount" [] "Topics of the fleet.";
    PARTITIONS: Gauge "kafka_controller_kafkacontroller_globalpartitioncount" [] "Partitions of the fleet.";
    ACTIVE_BROKERS: Gauge "kafka_controller_kafkacontroller_activebrokercount" [] "Registered brokers that are not fenced.";
    FENCED_BROKERS: Gauge "kafka_controller_kafkacontroller_fencedbrokercount" [] "Registered brokers that are fenced.";
    PREFERRED_IMBALANCE: Gauge "kafka_controller_kafkacontroller_preferredreplicaimbalancecount" [] "Partitions of the fleet that another than their preferred replica leads.";
    UNCLEAN_ELECTIONS: Counter "kafka_controller_controllerstats_uncleanleaderelections_total" [] "Leaders elected from replicas that were not in sync.";
    RAFT_STATE: Gauge "kafka_server_raftmetrics_current_state" ["current_state"] "1, with this node's part in the metadata quorum as a label.";
    RAFT_LEADER: Gauge "kafka_server_raftmetrics_current_leader" [] "Node that leads the metadata quorum; -1 when none is known.";
    RAFT_VOTE: Gauge "kafka_server_raftmetrics_current_vote" [] "Node that this one voted for in this term; -1 when none.";
    RAFT_EPOCH: Gauge "kafka_server_raftmetrics_current_epoch" [] "Term of the metadata quorum.";
    RAFT_HIGH_WATERMARK: Gauge "kafka_server_raftmetrics_high_watermark" [] "End of what a majority of the metadata quorum holds.";
    RAFT_LOG_END: Gauge "kafka_server_raftmetrics_log_end_offset" [] "End of this node's metadata log.";
    RAFT_APPEND_RATE: Gauge "kafka_server_raftmetrics_append_records_rate" [] "Metadata records that this node's controller wrote, for each second since the last scrape.";
    RAFT_COMMIT_MEAN: Gauge "kafka_server_raftmetrics_commit_latency_avg" [] "Milliseconds in which the quorum committed what this node's controller proposed, on average of the last one to two minutes.";
    RAFT_COMMIT_MAX: Gauge "kafka_server_raftmetrics_commit_latency_max" [] "The longest of those times.";
    RAFT_VOTERS: Gauge "kafka_server_raftmetrics_number_of_voters" [] "Voters of the metadata quorum.";
    RAFT_BYTES_IN: Counter "kafka_server_raftchannelmetrics_incoming_byte_total" [] "Bytes of the metadata quorum's messages that came in.";
    RAFT_BYTES_OUT: Counter "kafka_server_raftchannelmetrics_outgoing_byte_total" [] "Bytes of the metadata quorum's messages that went out.";
    RAFT_REQUESTS: Counter "kafka_server_raftchannelmetrics_request_total" [] "Requests of the metadata quorum that went out.";
    RAFT_RESPONSES: Counter "kafka_server_raftchannelmetrics_response_total" [] "Answers of the metadata quorum that came in.";
    CONTROLLER_METADATA_ERRORS: Gauge "kafka_controller_kafkacontroller_metadataerrorcount" [] "Steps of the metadata log that this controller could not replay.";
    METADATA_LOAD_ERRORS: Gauge "kafka_server_brokermetadatametrics_metadata_load_error_count" [] "Steps of the metadata log that did not fit this node's image.";
    METADATA_APPLY_ERRORS: Gauge "kafka_server_brokermetadatametrics_metadata_apply_error_count" [] "Steps of the metadata log that this broker failed to act on. With any, it has to be started again.";
    METADATA_LAG: Gauge "kafka_server_brokermetadatametrics_last_applied_record_lag_ms" [] "Milliseconds since the first step of the metadata log was committed that this broker has not acted on; 0 when there is none.";
    METADATA_APPLIED: Gauge "kafka_server_brokermetadatametrics_last_applied_record_offset" [] "Last entry of the metadata log in this node's image.";

    // Traffic.
    MESSAGES_IN: Counter "kafka_server_brokertopicmetrics_messagesin_total" ["topic"] "Records appended.";
    BYTES_IN: Counter "kafka_server_brokertopicmetrics_bytesin_total" ["topic"] "Bytes of batches appended.";
    BYTES_OUT: Counter "kafka_server_brokertopicmetrics_bytesout_total" ["topic"] "Bytes of batches fetched by clients.";
    BYTES_REJECTED: Counter "kafka_server_brokertopicmetrics_bytesrejected_total" ["topic"] "Bytes of batches refused.";
    PRODUCE_REQUESTS: Counter "kafka_server_brokertopicmetrics_totalproducerequests_total" ["topic"] "Produce requests, counted once for each topic in them.";
    FETCH_REQUESTS: Counter "kafka_server_brokertopicmetrics_totalfetchrequests_total" ["topic"] "Fetch requests, counted once for each topic in them.";
    FAILED_PRODUCE: Counter "kafka_server_brokertopicmetrics_failedproducerequests_total" ["topic"] "Appends refused.";
    FAILED_FETCH: Counter "kafka_server_brokertopicmetrics_failedfetchrequests_total" ["topic"] "Reads refused.";
    INVALID_CRC: Counter "kafka_server_brokertopicmetrics_invalidmessagecrcrecords_total" ["topic"] "Batches refused because they were damaged.";
    INVALID_SEQUENCE: Counter "kafka_server_brokertopicmetrics_invalidoffsetorsequencerecords_total" ["topic"] "Batches refused because they came out of order.";
    KEYLESS_COMPACTED: Counter "kafka_server_brokertopicmetrics_nokeycompactedtopicrecords_total" ["topic"] "Batches without keys refused by compacted topics.";

    // Requests and connections.
    REQUESTS: Counter "kafka_network_requestmetrics_requests_total" ["request", "version"] "Requests answered, by API and version.";
    ERRORS: Counter "kafka_network_requestmetrics_errors_total" ["request", "error"] "Errors in answers, by API and error.";
    TOTAL_TIME: Summary "kafka_network_requestmetrics_totaltimems" ["request"] "Milliseconds from a request's arrival until its answer had left.";
    REQUEST_QUEUE_TIME: Summary "kafka_network_requestmetrics_requestqueuetimems" ["request"] "Milliseconds from a request's arrival until it is handled: it may have come behind others of its connection.";
    LOCAL_TIME: Summary "kafka_network_requestmetrics_localtimems" ["request"] "Milliseconds in which the request was handled before it had to wait.";
    REMOTE_TIME: Summary "kafka_network_requestmetrics_remotetimems" ["request"] "Milliseconds in which the request waited: for records, replicas, members, the disk or the controller.";
    RESPONSE_QUEUE_TIME: Summary "kafka_network_requestmetrics_responsequeuetimems" ["request"] "Milliseconds in which the answer waited for those of earlier requests.";
    RESPONSE_SEND_TIME: Summary "kafka_network_requestmetrics_responsesendtimems" ["request"] "Milliseconds until the kernel had taken the answer, and those that left with it.";
    NETWORK_IDLE: Gauge "kafka_network_socketserver_networkprocessoravgidle_percent" [] "Share of time, 0 to 1, in which the workers had nothing to do. The same workers read, handle and answer.";
    HANDLER_IDLE: Gauge "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent" [] "As the network processors' figure: there is one pool of workers.";
    CONNECTIONS: Gauge "kafka_server_socket_server_metrics_connection_count" [] "Connections that are open.";
    CONNECTIONS_ACCEPTED: Counter "kafka_server_socket_server_metrics_connection_creation_total" [] "Connections accepted since the start.";
    CONNECTION_RATE: Gauge "kafka_server_socket_server_metrics_connection_creation_rate" [] "Connections accepted for each second since the last scrape.";
    CONNECTIONS_REFUSED: Counter "millrace_connections_refused_total" [] "Connections refused because of a limit.";
    PURGATORY: Gauge "kafka_server_delayedoperationpurgatory_purgatorysize" ["delayedOperation"] "Requests that wait, counted once for each partition they wait at.";
    FETCH_SESSIONS: Gauge "kafka_server_fetchsessioncache_numincrementalfetchsessions" [] "Incremental fetch sessions.";
    FETCH_SESSION_EVICTIONS: Counter "kafka_server_fetchsessioncache_incrementalfetchsessionevictions_total" [] "Fetch sessions given up for newer ones.";

    // Logs.
    LOG_SIZE: Gauge "kafka_log_log_size" ["topic", "partition"] "Bytes of batches in the log.";
    LOG_END: Gauge "kafka_log_log_logendoffset" ["topic", "partition"] "Offset of the next record.";
    LOG_START: Gauge "kafka_log_log_logstartoffset" ["topic", "partition"] "First offset that can be read.";
    LOG_SEGMENTS: Gauge "kafka_log_log_numlogsegments" ["topic", "partition"] "Segments of the log.";
    OFFLINE_LOG_DIRS: Gauge "kafka_log_logmanager_offlinelogdirectorycount" [] "Data directories with a log that refuses writes since a failure.";
    LOG_FLUSH_TIME: Summary "kafka_log_logflushstats_logflushrateandtimems" [] "Milliseconds that a flush to the disk took.";

    // The groups that this broker coordinates.
    GROUPS: Gauge "kafka_coordinator_group_groupmetadatamanager_numgroups" [] "Groups.";
    GROUPS_PREPARING: Gauge "kafka_coordinator_group_groupmetadatamanager_numgroupspreparingrebalance" [] "Groups that wait for members to join.";
    GROUPS_COMPLETING: Gauge "kafka_coordinator_group_groupmetadatamanager_numgroupscompletingrebalance" [] "Groups that wait for their leader's assignment.";
    GROUPS_STABLE: Gauge "kafka_coordinator_group_groupmetadatamanager_numgroupsstable" [] "Groups whose members have their assignment.";
    GROUPS_EMPTY: Gauge "kafka_coordinator_group_groupmetadatamanager_numgroupsempty" [] "Groups without members.";
    GROUPS_DEAD: Gauge "kafka_coordinator_group_groupmetadatamanager_numgroupsdead" [] "Groups that are being forgotten.";
    GROUP_OFFSETS: Gauge "kafka_coordinator_group_groupmetadatamanager_numoffsets" [] "Committed offsets.";
    GROUP_PARTITIONS: Gauge "kafka_server_group_coordinator_metrics_num_partitions" ["state"] "Partitions of the offsets topic led here, by state: loading, active or failed. Groups of a failed one have no coordinator.";
    GROUP_REBALANCES: Gauge "kafka_server_group_coordinator_metrics_group_completed_rebalance_count" [] "Rebalances that were completed.";
    GROUP_COMMITS: Gauge "kafka_server_group_coordinator_metrics_offset_commit_count" [] "Offsets that were committed.";
    GROUP_EXPIRATIONS: Gauge "kafka_server_group_coordinator_metrics_offset_expiration_count" [] "Committed offsets that expired.";
    GROUP_DELETIONS: Gauge "kafka_server_group_coordinator_metrics_offset_deletion_count" [] "Committed offsets that were deleted, on request or with their topic.";
    OMITTED_GROUP_OFFSETS: Gauge "millrace_metrics_omitted_group_offsets" [] "Committed offsets that have no series of their own because there are too many.";

    // What Kafka Exporter tells, from the leaders themselves.
    BROKERS: Gauge "kafka_brokers" [] "Registered brokers.";
    BROKER_INFO: Gauge "kafka_broker_info" ["id", "address"] "1 for each registered broker.";
    TOPIC_PARTITIONS: Gauge "kafka_topic_partitions" ["topic"] "Partitions of the topic.";
    PARTITION_CURRENT_OFFSET: Gauge "kafka_topic_partition_current_offset" ["topic", "partition"] "Offset up to which consumers can read, told by the leader.";
    PARTITION_OLDEST_OFFSET: Gauge "kafka_topic_partition_oldest_offset" ["topic", "partition"] "First offset that can be read, told by the leader.";
    PARTITION_REPLICAS: Gauge "kafka_topic_partition_replicas" ["topic", "partition"] "Replicas of the partition, told by the leader.";
    PARTITION_IN_SYNC: Gauge "kafka_topic_partition_in_sync_replica" ["topic", "partition"] "Replicas in sync, told by the leader.";
    PARTITION_LEADER_PREFERRED: Gauge "kafka_topic_partition_leader_is_preferred" ["topic", "partition"] "1 when the preferred replica leads.";
    EXPORTER_UNDER_REPLICATED: Gauge "kafka_topic_partition_under_replicated_partition" ["topic", "partition"] "1 when replicas are not in sync, told by the leader.";
    GROUP_MEMBERS: Gauge "kafka_consumergroup_members" ["consumergroup"] "Members of the group.";
    GROUP_CURRENT_OFFSET: Gauge "kafka_consumergroup_current_offset" ["consumergroup", "topic", "partition"] "Offset that the group has committed.";
    GROUP_LAG: Gauge "kafka_consumergroup_lag" ["consumergroup", "topic", "partition"] "Records between the committed offset and the end that consumers can read.";

    // The process.
    CPU_SECONDS: Counter "process_cpu_seconds_total" [] "Processor time used, in user and kernel mode.";
    RESIDENT_BYTES: Gauge "process_resident_memory_bytes" [] "Memory that is resident.";
    VIRTUAL_BYTES: Gauge "process_virtual_memory_bytes" [] "Address space in use.";
    START_TIME: Gauge "process_start_time_seconds" [] "When the process started, in seconds since 1970.";
    OPEN_FILES: Gauge "process_open_fds" [] "File descriptors that are open.";
    OPEN_FILES_MAX: Gauge "process_max_fds" [] "File descriptors that may be open.";
    THREADS: Gauge "process_threads" [] "Threads.";
    DISK_READ_BYTES: Gauge "kafka_server_kafkaserver_linux_disk_read_bytes" [] "Bytes the kernel read from disks for this process.";
    DISK_WRITE_BYTES: Gauge "kafka_server_kafkaserver_linux_disk_write_bytes" [] "Bytes the kernel wrote to disks for this process.";
    BUILD_INFO: Gauge "millrace_build_info" ["version"] "1, with the version as a label.";
}

/// `docs/reference/metrics.md`.
#[must_use]
pub fn reference_page() -> String {
    let mut page = String::from(REFERENCE_OPENING);
    for metric in ALL {
        let labels: Vec<_> = metric
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let kind = format!("{:?}", metric.kind).to_lowercase();
        let (name, labels, help) = (metric.name, labels.join(" "), metric.help);
        writeln!(page, "| `{name}` | {kind} | {labels} | {help} |")
            .expect("writing into memory cannot fail");
    }
    page.push_str(REFERENCE_ABSENT);
    page
}

const REFERENCE_OPENING: &str = "\
# Metrics

`GET /metrics` on `millrace.metrics.listener` answers in Prometheus' text format. The names are those that the usual Kafka
dashboards and alerts read, so those work as they are. Summaries have the quantiles 0.5, 0.75, 0.95, 0.98, 0.99 and 0.999
of the last one to two minutes. Traffic has one series without a label for all topics together, and one for each topic that has
seen any. This page is generated from the table in the code.

| name | kind | labels | meaning |
|---|---|---|---|
";

/// What dashboards for Kafka may ask for and do not find. A metric that is always zero would say that
/// something is fine which nobody looks at.
const REFERENCE_ABSENT: &str = "
## Not told

Some of what Kafka tells has no meaning here, or none yet. It is left out rather than shown as zero.

- `kafka_network_requestmetrics_throttletimems`: there are no quotas, so nothing is throttled.
- `kafka_network_requestchannel_requestqueuesize`, `…_responsequeuesize`: there is no such queue. Requests of one connection wait
  for each other at most, which `kafka_network_requestmetrics_requestqueuetimems` and `…_responsequeuetimems` measure.
- `kafka_server_brokertopicmetrics_replicationbytesin_total`, `…_replicationbytesout_total`, `kafka_server_fetcherlagmetrics_consumerlag`,
  and `FetchFollower` as a `request`: no broker follows another yet.
- `kafka_server_raftmetrics_fetch_records_rate`, `…_election_latency_avg`: a quorum of one fetches from nobody and holds no elections.
- `kafka_server_socket_server_metrics_*` by `listener` and `networkProcessor`: one figure for all listeners; there are no network
  processors to tell apart.
- `jvm_*`: there is no Java machine. `process_*` tells memory, threads and processor time.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_prometheus_takes_and_each_is_there_once() {
        let mut seen = std::collections::HashSet::new();
        for metric in ALL {
            assert!(seen.insert(metric.name), "{} is there twice", metric.name);
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(metric.name.chars().all(fits), "{}", metric.name);
            let is_total = metric.name.ends_with("_total");
            assert_eq!(metric.kind == Kind::Counter, is_total, "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
        }
    }
}
