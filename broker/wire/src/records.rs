//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

pub mod control;
pub mod group;
pub mod metadata;
pub mod share;
pub mod storage;
pub mod transaction;
