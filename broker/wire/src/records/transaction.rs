//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

pub mod transaction_log_key;
pub mod transaction_log_value;
