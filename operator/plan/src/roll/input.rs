//! What a roll is planned from.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use millrace_types::NodeId;

/// A broker's pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    pub broker: NodeId,
    pub name: String,
    /// Tells it from the pods of that name before and after it; `None` while there is none.
    pub uid: Option<String>,
    pub rack: Option<String>,
    pub state: PodState,
    /// Why it must restart; empty when it runs what is wanted.
    pub reasons: Vec<RestartReason>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodState {
    Missing,
    Terminating,
    /// No node takes it.
    Unschedulable,
    /// Its container keeps ending, or its image cannot be had.
    Failing,
    Starting,
    Ready,
}

/// Why a pod must restart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RestartReason {
    Image {
        has: String,
        wanted: String,
    },
    /// The pod's template: resources, environment, volumes, placement.
    Template,
    /// A property that the broker reads only when it starts.
    Property(String),
    /// The file system grows when the volume is mounted again.
    FileSystemResize,
    /// Somebody asked for it.
    Asked,
}

impl fmt::Display for RestartReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { has, wanted } => write!(f, "image {has} becomes {wanted}"),
            Self::Template => f.write_str("the pod's template changed"),
            Self::Property(text) => f.write_str(text),
            Self::FileSystemResize => f.write_str("the file system grows with a restart"),
            Self::Asked => f.write_str("a restart was asked for"),
        }
    }
}

/// The fleet by its own account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Brokers that are registered and serve.
    pub brokers: BTreeSet<NodeId>,
    pub controller: Option<NodeId>,
    pub voters: Vec<Voter>,
    /// Every partition of every topic, the internal ones too.
    pub partitions: Vec<Partition>,
}

/// One of those who keep the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voter {
    pub id: NodeId,
    pub caught_up: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub topic: Arc<str>,
    pub index: i32,
    pub replicas: Vec<NodeId>,
    pub isr: Vec<NodeId>,
    /// In-sync replicas without which nothing is written.
    pub min_isr: usize,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.index)
    }
}
