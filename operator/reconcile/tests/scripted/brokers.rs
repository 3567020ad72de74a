//! Kafka clusters in memory, found by the address under which the operator looks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use millrace_admin::fake::{Asked, FakeKafka};
use millrace_admin::{Admin, Clusters, TopicConfigs};
use millrace_client::BrokerView;
use millrace_types::NodeId;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::plug::Plug;

/// Every cluster, by namespace and name.
#[derive(Clone)]
pub(crate) struct Brokers {
    plug: Plug,
    clusters: Arc<Mutex<BTreeMap<String, Known>>>,
}

#[derive(Clone)]
struct Known {
    kafka: Arc<FakeKafka>,
    up: Arc<Mutex<BTreeSet<NodeId>>>,
}

impl Brokers {
    pub(crate) fn new(plug: Plug) -> Self {
        Self {
            plug,
            clusters: Arc::default(),
        }
    }

    /// As the operator gets at them.
    pub(crate) fn clusters(&self) -> Clusters {
        let brokers = self.clone();
        Clusters::new(Box::new(move |addresses| {
            brokers.known(&cluster_at(&addresses[0])).kafka as Arc<dyn Admin>
        }))
    }

    pub(crate) fn kafka(&self, cluster: &str) -> Arc<FakeKafka> {
        self.known(cluster).kafka
    }

    /// A broker started with these properties.
    pub(crate) fn start(&self, cluster: &str, properties: &BTreeMap<String, String>) {
        let known = self.known(cluster);
        let id = NodeId(properties["node.id"].parse().unwrap());
        known.up.lock().insert(id);
        known.kafka.with(|state| {
            let file = properties.iter();
            let file = file.map(|(key, value)| (key.as_str().into(), value.as_str().into()));
            state.file_configs.insert(id, file.collect());
            let host = format!("{cluster}-{id}").into();
            let broker = BrokerView {
                id,
                host,
                port: 9091,
                rack: None,
            };
            state.cluster.brokers.insert(id, broker);
            state.cluster.controller = Some(id);
        });
    }

    pub(crate) fn stop(&self, cluster: &str, id: NodeId) {
        self.known(cluster).up.lock().remove(&id);
    }

    /// Everything that is in force in any cluster.
    pub(crate) fn picture(&self) -> Value {
        let clusters = self.clusters.lock().clone();
        let pictures = clusters.iter().map(|(name, known)| {
            let up: Vec<i32> = known.up.lock().iter().map(|id| id.0).collect();
            let picture = known.kafka.with(|state| {
                let topics = state.topics.iter().map(|(name, topic)| {
                    let topic =
                        json!({"partitions": topic.partitions.len(), "configs": configs(&topic.configs)});
                    (name.to_string(), topic)
                });
                let live = state.broker_configs.iter();
                let live = live.map(|(scope, configs)| (format!("{scope:?}"), self::configs(configs)));
                let files = state.file_configs.iter();
                let files = files.map(|(id, file)| (id.to_string(), configs(file)));
                json!({
                    "up": up,
                    "topics": topics.collect::<serde_json::Map<_, _>>(),
                    "live": live.filter(|(_, configs)| *configs != json!({})).collect::<serde_json::Map<_, _>>(),
                    "files": files.collect::<serde_json::Map<_, _>>(),
                })
            });
            (name.clone(), picture)
        });
        Value::Object(pictures.collect())
    }

    fn known(&self, cluster: &str) -> Known {
        let mut clusters = self.clusters.lock();
        let known = clusters.entry(cluster.to_owned()).or_insert_with(|| {
            let kafka = FakeKafka::new(0);
            let up = Arc::new(Mutex::new(BTreeSet::new()));
            let (plug, name, runs) = (self.plug.clone(), cluster.to_owned(), Arc::clone(&up));
            kafka.script(move |asked: &Asked| {
                let up = !runs.lock().is_empty();
                plug.of_kafka(&name, up, asked)
            });
            let kafka = Arc::new(kafka);
            Known { kafka, up }
        });
        known.clone()
    }
}

fn configs(configs: &TopicConfigs) -> Value {
    let configs = configs.iter();
    let configs = configs.map(|(key, value)| (key.to_string(), Value::from(&**value)));
    Value::Object(configs.collect())
}

/// `shop/orders` for `orders-brokers.shop.svc.cluster.local:9091`.
fn cluster_at(address: &str) -> String {
    let mut parts = address.split('.');
    let service = parts.next().unwrap();
    let namespace = parts.next().unwrap();
    format!("{namespace}/{}", service.strip_suffix("-brokers").unwrap())
}
