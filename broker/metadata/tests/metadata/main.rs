//! The crate as its users see it: requests in, records applied, answers out.
#![cfg(test)]

mod brokers;
mod configs;
mod fleet;
mod leaders;
mod partitions;
mod query;
mod random;
mod records;
mod topics;
