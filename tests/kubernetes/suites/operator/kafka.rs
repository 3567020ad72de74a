//! A Kafka client for tests that are not asynchronous themselves.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_client::admin::{
    ConfigItem, ConfigOp, ConfigOpKind, ConfigResource, ConfigResourceKind, NewTopic,
};
use millrace_client::{BrokerView, Client, ClientOptions, TopicView};
use millrace_types::NodeId;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::names::ClusterNames;

/// One conversation with a broker that may be restarting.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) struct Kafka {
    runtime: Runtime,
    client: Client,
}

impl Kafka {
    pub(crate) fn connect(bootstrap: &str) -> Result<Self> {
        let mut options = ClientOptions::new(bootstrap.split(',').map(str::to_owned).collect());
        options.transport = Arc::new(ClusterNames);
        let runtime = Runtime::new()?;
        let client = Client::new(options);
        Ok(Self { runtime, client })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Runs `work` beside the test.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Waits for `work`, but not for ever.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        self.runtime
            .block_on(async { timeout(LIMIT, work).await })
            .context("no answer from the brokers")
    }

    /// The topic as the brokers have it now.
    pub(crate) fn topic(&self, name: &str) -> Result<Option<TopicView>> {
        let names = [Arc::from(name)];
        let answers = self.run(self.client.describe_topics(Some(&names)))??;
        Ok(answers
            .into_iter()
            .find_map(|(_, described)| described.ok()))
    }

    /// What the brokers tell clients of one of them.
    fn broker(&self, broker: i32) -> Result<BrokerView> {
        let view = self.run(self.client.view_all())??;
        let found = view.brokers.get(&NodeId(broker)).cloned();
        found.with_context(|| format!("no broker {broker}"))
    }

    pub(crate) fn rack(&self, broker: i32) -> Result<Option<String>> {
        Ok(self.broker(broker)?.rack.map(|rack| rack.to_string()))
    }

    /// Where clients find it.
    pub(crate) fn address(&self, broker: i32) -> Result<String> {
        let found = self.broker(broker)?;
        Ok(format!("{}:{}", found.host, found.port))
    }

    pub(crate) fn partitions(&self, name: &str) -> Result<usize> {
        let topic = self.topic(name)?;
        Ok(topic
            .with_context(|| format!("no topic {name}"))?
            .partitions
            .len())
    }

    /// Made by somebody who does not use the operator.
    pub(crate) fn create(
        &self,
        name: &str,
        partitions: i32,
        configs: &[(&str, &str)],
    ) -> Result<()> {
        let topic = NewTopic {
            name: name.into(),
            partitions: Some(partitions),
            configs: configs
                .iter()
                .map(|&(key, value)| (key.into(), value.into()))
                .collect(),
            ..NewTopic::default()
        };
        for (name, outcome) in self.run(self.client.create_topics(&[topic], false))?? {
            outcome.with_context(|| format!("create {name}"))?;
        }
        Ok(())
    }

    /// Changed behind the operator's back; `None` goes back to the default.
    pub(crate) fn set(&self, topic: &str, key: &str, value: Option<&str>) -> Result<()> {
        let operation = ConfigOp {
            kind: if value.is_some() {
                ConfigOpKind::Set
            } else {
                ConfigOpKind::Delete
            },
            name: key.into(),
            value: value.map(Into::into),
        };
        let change = (of_topic(topic), vec![operation]);
        for (name, outcome) in self.run(self.client.alter_configs(&[change], false))?? {
            outcome.with_context(|| format!("alter {name}"))?;
        }
        Ok(())
    }

    /// A setting of a topic.
    pub(crate) fn setting(&self, topic: &str, key: &str) -> Result<ConfigItem> {
        self.item(of_topic(topic), key)
    }

    /// What a broker goes by.
    pub(crate) fn broker_setting(&self, broker: i32, key: &str) -> Result<String> {
        let kind = ConfigResourceKind::Broker;
        let name = broker.to_string().into();
        let item = self.item(ConfigResource { kind, name }, key)?;
        Ok(item.value.as_deref().unwrap_or_default().to_owned())
    }

    fn item(&self, resource: ConfigResource, key: &str) -> Result<ConfigItem> {
        let items = self.run(self.client.describe_configs(&resource))??;
        let mut items = items.into_iter();
        items
            .find(|item| &*item.name == key)
            .with_context(|| format!("no setting {key}"))
    }
}

fn of_topic(name: &str) -> ConfigResource {
    ConfigResource {
        kind: ConfigResourceKind::Topic,
        name: name.into(),
    }
}
