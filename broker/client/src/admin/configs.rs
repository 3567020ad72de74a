//! Settings of topics, brokers and groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_types::NodeId;
use millrace_wire::ApiKey;
use millrace_wire::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use millrace_wire::messages::describe_configs_response::DescribeConfigsResourceResult;
use millrace_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use millrace_wire::messages::incremental_alter_configs_response::IncrementalAlterConfigsResponse;

use crate::admin::outcome::{Outcome, moved, outcome};
use crate::cluster::Client;
use crate::error::ClientError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigResourceKind {
    Topic,
    Broker,
    Group,
}

impl ConfigResourceKind {
    const fn code(self) -> i8 {
        match self {
            Self::Topic => 2,
            Self::Broker => 4,
            Self::Group => 32,
        }
    }
}

/// Whose settings. A broker's name is its number; empty means all brokers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigResource {
    pub kind: ConfigResourceKind,
    pub name: Arc<str>,
}

/// One setting as a broker describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigItem {
    pub name: Arc<str>,
    /// `None` when it is not set, or a secret.
    pub value: Option<Arc<str>>,
    pub read_only: bool,
    pub sensitive: bool,
    /// Kafka's number for where the value comes from; 5 is the default.
    pub source: i8,
}

impl ConfigItem {
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.source == 5
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOpKind {
    Set,
    Delete,
    Append,
    Subtract,
}

/// One change of one setting.
#[derive(Clone, Debug)]
pub struct ConfigOp {
    pub kind: ConfigOpKind,
    pub name: Arc<str>,
    pub value: Option<Arc<str>>,
}

impl Client {
    /// Every setting of a resource.
    ///
    /// # Errors
    /// When no broker answers, or the resource does not exist.
    pub async fn describe_configs(
        &self,
        resource: &ConfigResource,
    ) -> Result<Vec<ConfigItem>, ClientError> {
        let resources = std::slice::from_ref(resource);
        self.retrying(|| async {
            let described = self.describe_many_configs(resources).await?;
            let Some((_, items)) = described.into_iter().next() else {
                return Err(Self::incomplete(ApiKey::DescribeConfigs, "the resource"));
            };
            items
        })
        .await
    }

    /// Every setting of each resource.
    ///
    /// # Errors
    /// When a broker does not answer; each resource has an outcome of its own.
    pub async fn describe_many_configs(
        &self,
        resources: &[ConfigResource],
    ) -> Result<Vec<(Arc<str>, Outcome<Vec<ConfigItem>>)>, ClientError> {
        let mut by_broker: BTreeMap<Option<NodeId>, Vec<DescribeConfigsResource>> = BTreeMap::new();
        for resource in resources {
            let described = DescribeConfigsResource {
                resource_type: resource.kind.code(),
                resource_name: Arc::clone(&resource.name),
                configuration_keys: None,
            };
            by_broker
                .entry(broker_of(resource))
                .or_default()
                .push(described);
        }
        let mut outcomes = Vec::with_capacity(resources.len());
        for (broker, resources) in by_broker {
            let request = DescribeConfigsRequest {
                resources,
                ..DescribeConfigsRequest::default()
            };
            let answer = match broker {
                Some(node) => self.call_broker(node, &request).await?,
                None => self.retrying(|| self.call_any(&request)).await?,
            };
            outcomes.extend(answer.results.into_iter().map(|result| {
                let checked = ClientError::check(result.error_code, result.error_message.as_ref());
                let items = checked.map(|()| result.configs.into_iter().map(item).collect());
                (result.resource_name, items)
            }));
        }
        Ok(outcomes)
    }

    /// Changes settings, or only checks whether they could be changed.
    ///
    /// # Errors
    /// When no controller answers; each resource has an outcome of its own.
    pub async fn alter_configs(
        &self,
        changes: &[(ConfigResource, Vec<ConfigOp>)],
        validate_only: bool,
    ) -> Result<Vec<(Arc<str>, Outcome<()>)>, ClientError> {
        let mut by_broker: BTreeMap<Option<NodeId>, Vec<AlterConfigsResource>> = BTreeMap::new();
        for (resource, ops) in changes {
            // A broker checks a change of its own settings itself.
            let changed = AlterConfigsResource {
                resource_type: resource.kind.code(),
                resource_name: Arc::clone(&resource.name),
                configs: ops.iter().map(alterable).collect(),
            };
            by_broker
                .entry(broker_of(resource))
                .or_default()
                .push(changed);
        }
        let mut outcomes = Vec::new();
        for (broker, resources) in by_broker {
            let request = IncrementalAlterConfigsRequest {
                resources,
                validate_only,
            };
            let answer = self.alter_on(broker, &request).await?;
            outcomes.extend(answer.responses.into_iter().map(|resource| {
                let message = resource.error_message.as_ref();
                let outcome = outcome(resource.error_code, message, ());
                (resource.resource_name, outcome)
            }));
        }
        Ok(outcomes)
    }

    async fn alter_on(
        &self,
        broker: Option<NodeId>,
        request: &IncrementalAlterConfigsRequest,
    ) -> Result<IncrementalAlterConfigsResponse, ClientError> {
        match broker {
            Some(node) => self.call_broker(node, request).await,
            None => {
                self.call_controller(request, |answer| {
                    moved(answer.responses.iter().map(|r| r.error_code))
                })
                .await
            }
        }
    }
}

fn broker_of(resource: &ConfigResource) -> Option<NodeId> {
    let is_broker = resource.kind == ConfigResourceKind::Broker;
    let id = resource.name.parse().ok().filter(|_| is_broker)?;
    Some(NodeId(id))
}

fn item(config: DescribeConfigsResourceResult) -> ConfigItem {
    ConfigItem {
        name: config.name,
        value: config.value,
        read_only: config.read_only,
        sensitive: config.is_sensitive,
        source: config.config_source,
    }
}

fn alterable(op: &ConfigOp) -> AlterableConfig {
    AlterableConfig {
        name: Arc::clone(&op.name),
        config_operation: match op.kind {
            ConfigOpKind::Set => 0,
            ConfigOpKind::Delete => 1,
            ConfigOpKind::Append => 2,
            ConfigOpKind::Subtract => 3,
        },
        value: op.value.clone(),
    }
}
