//! The crate as its users see it: requests in, records applied, answers out.
#![cfg(test)]

mod fleet;
mod query;
mod random;
mod topics;
