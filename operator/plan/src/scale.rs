//! How many brokers a pool has. More is never refused, whatever state the fleet is in; fewer only
//! once the brokers that would go hold nothing. The last ones of a pool go first.

use std::collections::BTreeMap;
use std::fmt;

use millrace_types::{NodeId, TopicPartition};

/// Partitions that are told one by one; the others are counted.
const PARTITIONS_TOLD: usize = 5;

/// A pool as it is and as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    pub first_broker: NodeId,
    pub has: u32,
    pub wanted: u32,
}

/// What each broker holds, or why that is not known.
pub type Holdings<'a> = Result<&'a BTreeMap<NodeId, Vec<TopicPartition>>, &'a str>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalePlan {
    /// How many there shall be now.
    pub replicas: u32,
    /// Why there are still more than wanted.
    pub refusal: Option<Refusal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The last broker of those that should go, and what it holds.
    Holds {
        broker: NodeId,
        partitions: Vec<TopicPartition>,
    },
    Unknown {
        reason: String,
    },
}

#[must_use]
pub fn plan_scale(pool: PoolSize, holdings: Holdings<'_>) -> ScalePlan {
    let mut replicas = pool.wanted.max(pool.has);
    let mut refusal = None;
    while replicas > pool.wanted && refusal.is_none() {
        let last = i32::try_from(replicas - 1).unwrap_or(i32::MAX);
        let broker = NodeId(pool.first_broker.0.saturating_add(last));
        refusal = refuse(broker, holdings);
        if refusal.is_none() {
            replicas -= 1;
        }
    }
    ScalePlan { replicas, refusal }
}

fn refuse(broker: NodeId, holdings: Holdings<'_>) -> Option<Refusal> {
    let holdings = match holdings {
        Ok(holdings) => holdings,
        Err(reason) => {
            return Some(Refusal::Unknown {
                reason: reason.to_owned(),
            });
        }
    };
    let partitions = holdings.get(&broker)?.clone();
    (!partitions.is_empty()).then_some(Refusal::Holds { broker, partitions })
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { reason } => {
                write!(f, "what the brokers hold is not known: {reason}")
            }
            Self::Holds { broker, partitions } => {
                write!(f, "broker {broker} still holds ")?;
                for (number, partition) in partitions.iter().take(PARTITIONS_TOLD).enumerate() {
                    let comma = if number == 0 { "" } else { ", " };
                    write!(f, "{comma}{partition}")?;
                }
                match partitions.len().saturating_sub(PARTITIONS_TOLD) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
        }
    }
}
