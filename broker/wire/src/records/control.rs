//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

pub mod end_txn_marker;
pub mod kraft_version_record;
pub mod leader_change_message;
pub mod snapshot_footer_record;
pub mod snapshot_header_record;
pub mod voters_record;
