//! What comes of a look at a topic: what is done, what is refused, what had drifted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use millrace_model::ObjectKey;

/// What is done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Adds the finalizer, before anything else.
    Hold,
    Create {
        partitions: Option<i32>,
        replicas: Option<i16>,
        configs: BTreeMap<String, String>,
    },
    Grow {
        partitions: i32,
    },
    /// `reset` goes back to the cluster's default.
    Alter {
        set: BTreeMap<String, String>,
        reset: BTreeSet<String>,
    },
    Delete,
    /// Drops the finalizer and touches nothing else. After a deletion: once the topic is gone.
    Release,
}

/// Why something that is asked for is not done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    PartitionDecrease { has: i32, wanted: i32 },
    ReplicationChange { has: i16, wanted: i16 },
    Renamed { is: String, wanted: String },
    NameConflict { owner: ObjectKey },
    ClusterNotAllowed,
    ClusterGone,
    ClusterPaused,
}

/// What somebody changed although the spec had been applied, and is put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    Missing,
    Partitions {
        found: i32,
        put_back: i32,
    },
    Config {
        key: String,
        /// `None`: it was not set.
        found: Option<String>,
        put_back: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PartitionDecrease { has, wanted } => write!(
                f,
                "the topic has {has} partitions and cannot have fewer; {wanted} are wanted"
            ),
            Self::ReplicationChange { has, wanted } => write!(
                f,
                "the topic has {has} replicas of each partition; changing that to {wanted} is not supported"
            ),
            Self::Renamed { is, wanted } => write!(
                f,
                "the topic is named {is} and cannot be renamed to {wanted}"
            ),
            Self::NameConflict { owner } => {
                write!(f, "the topic belongs to {owner}, which is older")
            }
            Self::ClusterNotAllowed => {
                f.write_str("the cluster does not allow topics of this namespace")
            }
            Self::ClusterGone => f.write_str("there is no such cluster"),
            Self::ClusterPaused => f.write_str("the cluster is paused"),
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the topic was gone, created it anew"),
            Self::Partitions { found, put_back } => {
                write!(f, "partitions: found {found}, put back {put_back}")
            }
            Self::Config {
                key,
                found: Some(found),
                put_back,
            } => write!(f, "{key}: found {found}, put back {put_back}"),
            Self::Config { key, put_back, .. } => {
                write!(f, "{key}: found unset, put back {put_back}")
            }
        }
    }
}
