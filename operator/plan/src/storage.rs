//! Volumes: a claim grows where its class allows that, and never shrinks. What cannot be done is
//! told, and holds up nothing else.

pub mod growth;

use std::fmt;
use std::time::Duration;

use millrace_types::Timestamp;

/// How long a file system may take to grow under a running broker before a restart is tried.
pub const RESIZE_PATIENCE: Duration = Duration::from_mins(5);

/// A claim as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub requested: u64,
    /// What the volume has; `None` until there is one.
    pub actual: Option<u64>,
    /// Whether the class lets volumes grow; `None` when the class is not known.
    pub can_grow: Option<bool>,
    pub resize: Resize,
}

/// What the claim's conditions tell of a resize.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resize {
    Idle,
    UnderWay,
    /// The volume has grown, its file system not yet.
    FileSystemPending {
        since: Timestamp,
    },
    Failed {
        message: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoragePlan {
    Converged,
    /// The claim is to ask for this much.
    Grow {
        to: u64,
    },
    /// Nothing to do but wait.
    Wait(Reason),
    /// The broker restarts, so that its volume is mounted again.
    Restart,
    /// It stays as it is, and the user is told.
    Leave(Reason),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Growing,
    NoVolumeYet,
    FileSystemGrows,
    ClassCannotGrow,
    ClassUnknown,
    /// By somebody else's hand, or because less is wanted than before.
    LargerThanWanted {
        has: u64,
        wanted: u64,
    },
    Failed {
        message: String,
    },
}

#[must_use]
pub fn plan_storage(claim: &Claim, wanted: u64, now: Timestamp) -> StoragePlan {
    if claim.requested < wanted {
        return match (claim.actual, claim.can_grow) {
            (None, _) => StoragePlan::Wait(Reason::NoVolumeYet),
            (Some(_), Some(true)) => StoragePlan::Grow { to: wanted },
            (Some(_), Some(false)) => StoragePlan::Leave(Reason::ClassCannotGrow),
            (Some(_), None) => StoragePlan::Leave(Reason::ClassUnknown),
        };
    }
    match &claim.resize {
        Resize::UnderWay => return StoragePlan::Wait(Reason::Growing),
        Resize::FileSystemPending { since } => {
            let waited = u128::try_from(now - since).unwrap_or_default();
            return if waited >= RESIZE_PATIENCE.as_millis() {
                StoragePlan::Restart
            } else {
                StoragePlan::Wait(Reason::FileSystemGrows)
            };
        }
        Resize::Failed { message } => {
            let message = message.clone();
            return StoragePlan::Leave(Reason::Failed { message });
        }
        Resize::Idle => {}
    }
    if claim.requested > wanted {
        let has = claim.requested;
        return StoragePlan::Leave(Reason::LargerThanWanted { has, wanted });
    }
    match claim.actual {
        None => StoragePlan::Wait(Reason::NoVolumeYet),
        Some(actual) if actual < wanted => StoragePlan::Wait(Reason::Growing),
        Some(_) => StoragePlan::Converged,
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Growing => f.write_str("the volume is growing"),
            Self::NoVolumeYet => f.write_str("the claim has no volume yet"),
            Self::FileSystemGrows => {
                f.write_str("the volume has grown, its file system is growing")
            }
            Self::ClassCannotGrow => {
                f.write_str("volumes of this storage class cannot grow (allowVolumeExpansion)")
            }
            Self::ClassUnknown => {
                f.write_str("the storage class is not known, so the volume is not made larger")
            }
            Self::LargerThanWanted { has, wanted } => write!(
                f,
                "the claim asks for {has} bytes and cannot shrink to {wanted}"
            ),
            Self::Failed { message } => write!(f, "the volume cannot grow: {message}"),
        }
    }
}
