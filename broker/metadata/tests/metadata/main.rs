//! The crate as its users see it: requests in, records applied, answers out.

mod fleet;
mod query;
mod topics;
