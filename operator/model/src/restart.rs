//! Why a broker's pod no longer is what the cluster asks for and only a restart can change that.

use std::fmt;

/// One difference between what a pod runs with and what it should.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RestartCause {
    /// The pod does not say what it runs with.
    Unknown,
    Image,
    /// CPU and memory.
    Resources,
    Environment,
    /// Security context, service account, pull secrets.
    Security,
    /// Where the pod may run.
    Scheduling,
    /// Labels and annotations.
    Metadata,
    Storage,
    /// Where the broker listens, or what it tells clients to connect to.
    Addresses,
    /// A property that the broker reads only at its start.
    Property(String),
}

impl fmt::Display for RestartCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the pod does not say what it runs with"),
            Self::Image => f.write_str("the image changed"),
            Self::Resources => f.write_str("resources changed"),
            Self::Environment => f.write_str("environment variables changed"),
            Self::Security => f.write_str("the security context changed"),
            Self::Scheduling => f.write_str("scheduling rules changed"),
            Self::Metadata => f.write_str("labels or annotations changed"),
            Self::Storage => f.write_str("the storage changed"),
            Self::Addresses => f.write_str("addresses of listeners changed"),
            Self::Property(key) => write!(f, "the property {key} changed"),
        }
    }
}
