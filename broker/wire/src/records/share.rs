//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

pub mod share_snapshot_key;
pub mod share_snapshot_value;
pub mod share_update_key;
pub mod share_update_value;
