//! What a test lets happen to calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::error::AdminError;

/// Which question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    DescribeCluster,
    ListTopics,
    DescribeTopics,
    CreateTopics,
    ValidateTopics,
    DeleteTopics,
    CreatePartitions,
    DescribeTopicConfigs,
    AlterTopicConfigs,
    DescribeBrokerConfigs,
    AlterBrokerConfigs,
    LogDirs,
    Quorum,
}

impl Call {
    /// Whether the call changes the cluster.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(
            self,
            Self::CreateTopics
                | Self::DeleteTopics
                | Self::CreatePartitions
                | Self::AlterTopicConfigs
                | Self::AlterBrokerConfigs
        )
    }
}

/// A question, and the topics it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub call: Call,
    pub names: Vec<Arc<str>>,
}

/// What becomes of a call.
#[derive(Clone, Debug)]
pub enum Fate {
    Answered,
    /// Past the deadline it fails, and nothing was done.
    AnsweredAfter(Duration),
    /// Nothing was done.
    Failed(AdminError),
    /// Nothing was done about these items, the rest is answered.
    ItemsFailed(BTreeMap<Arc<str>, AdminError>),
    /// It was done, and nobody hears of it.
    AnswerLost,
}

impl Fate {
    pub(crate) fn of_item(&self, name: &str) -> Option<AdminError> {
        match self {
            Self::ItemsFailed(errors) => errors.get(name).cloned(),
            _ => None,
        }
    }
}
