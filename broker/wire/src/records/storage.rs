//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

pub mod producer_snapshot;
pub mod quorum_state_data;
pub mod remote_log_segment_metadata_record;
pub mod remote_log_segment_metadata_snapshot_record;
pub mod remote_log_segment_metadata_update_record;
pub mod remote_partition_delete_metadata_record;
