//! A fleet that exists only as an image: decisions are applied the moment they are made, and every
//! image is checked, written down and read back.

use std::collections::BTreeMap;

use millrace_metadata::control::brokers::register_broker;
use millrace_metadata::control::features::FEATURES;
use millrace_metadata::control::topics::create_topics;
use millrace_metadata::control::{Context, Decision, Entropy};
use millrace_metadata::delta::MetadataDelta;
use millrace_metadata::{MetadataImage, MetadataRecord, query, snapshot};
use millrace_types::{NodeId, Uuid};
use millrace_wire::messages::broker_registration_request::{
    BrokerRegistrationRequest, Feature, Listener,
};
use millrace_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreateTopicsRequest,
};
use millrace_wire::records::metadata::feature_level_record::FeatureLevelRecord;
use millrace_wire::records::metadata::register_broker_record::RegisterBrokerRecord;

pub(crate) const LISTENER: &str = "PLAINTEXT";
pub(crate) const ELR: &str = "eligible.leader.replicas.version";

/// Counts, so that tests can name ids.
#[derive(Default)]
pub(crate) struct Counter(u64);

impl Entropy for Counter {
    fn id(&mut self) -> Uuid {
        self.0 += 1;
        id(self.0)
    }

    fn number(&mut self) -> usize {
        self.0 as usize
    }
}

pub(crate) fn id(number: u64) -> Uuid {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Uuid(bytes)
}

pub(crate) struct Fleet {
    pub image: MetadataImage,
    pub statics: BTreeMap<String, String>,
    pub entropy: Counter,
}

impl Fleet {
    /// Brokers 0 and up, each on the rack given for it.
    pub(crate) fn new(racks: &[Option<&str>]) -> Self {
        let mut fleet = Self {
            image: MetadataImage::empty("cluster"),
            statics: BTreeMap::new(),
            entropy: Counter::default(),
        };
        for (broker, rack) in (0..).zip(racks) {
            fleet.apply(&[broker_record(broker, *rack)]);
        }
        fleet
    }

    pub(crate) fn of_one() -> Self {
        Self::new(&[None])
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.statics.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The fleet as it is now, to compare with later.
    pub(crate) fn copy(&self) -> Self {
        Self {
            image: self.image.clone(),
            statics: self.statics.clone(),
            entropy: Counter::default(),
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            image: &self.image,
            node: NodeId(0),
            statics: &self.statics,
        }
    }

    pub(crate) fn commit<R>(&mut self, decision: Decision<R>) -> R {
        self.apply(&decision.records);
        decision.response
    }

    /// Applies records that went through the log, and holds the result to what must always hold.
    pub(crate) fn apply(&mut self, records: &[MetadataRecord]) -> MetadataDelta {
        let logged = records
            .iter()
            .map(|record| MetadataRecord::decode(record.encode().unwrap()).unwrap());
        let logged: Vec<_> = logged.collect();
        assert_eq!(logged, records);
        let (next, delta) = self.image.apply(&logged).unwrap();
        assert_eq!(next.check(), []);
        assert_eq!(delta, MetadataDelta::between(&self.image, &next));
        let kept: Vec<_> = snapshot::records(&next).collect();
        let restored = snapshot::restore("cluster".into(), &kept).unwrap();
        assert!(restored == next, "a snapshot loses something");
        self.image = next;
        delta
    }

    pub(crate) fn create(&mut self, name: &str, partitions: i32, replication_factor: i16) {
        self.create_topic(CreatableTopic {
            name: name.into(),
            num_partitions: partitions,
            replication_factor,
            ..CreatableTopic::default()
        });
    }

    /// A topic with one partition, on these brokers.
    pub(crate) fn create_on(&mut self, name: &str, brokers: &[i32]) {
        self.create_topic(CreatableTopic {
            name: name.into(),
            num_partitions: -1,
            replication_factor: -1,
            assignments: vec![CreatableReplicaAssignment {
                partition_index: 0,
                broker_ids: brokers.to_vec(),
            }],
            ..CreatableTopic::default()
        });
    }

    fn create_topic(&mut self, topic: CreatableTopic) {
        let request = CreateTopicsRequest {
            topics: vec![topic],
            ..CreateTopicsRequest::default()
        };
        let mut entropy = std::mem::take(&mut self.entropy);
        let decision = create_topics(self.context(), &request, &mut entropy);
        self.entropy = entropy;
        let response = self.commit(decision);
        assert_eq!(response.topics[0].error_code, 0, "{response:?}");
    }

    pub(crate) fn asker(&self) -> query::Asker<'static> {
        query::Asker {
            listener: LISTENER,
            controller: Some(NodeId(0)),
        }
    }
}

/// A process that serves every level there is and can be reached at `broker-<id>`.
pub(crate) fn registration(broker: i32, incarnation: Uuid) -> BrokerRegistrationRequest {
    let features = FEATURES.iter().map(|feature| Feature {
        name: feature.name.into(),
        min_supported_version: feature.levels.min,
        max_supported_version: feature.levels.max,
    });
    BrokerRegistrationRequest {
        broker_id: broker,
        cluster_id: "cluster".into(),
        incarnation_id: incarnation,
        listeners: vec![Listener {
            name: LISTENER.into(),
            host: format!("broker-{broker}").into(),
            port: 9092,
            security_protocol: 0,
        }],
        features: features.collect(),
        rack: None,
        log_dirs: vec![id(2_000 + u64::from(broker.unsigned_abs()))],
        previous_broker_epoch: -1,
        ..BrokerRegistrationRequest::default()
    }
}

/// The same process as a record, active.
pub(crate) fn broker_record(broker: i32, rack: Option<&str>) -> MetadataRecord {
    let request = BrokerRegistrationRequest {
        rack: rack.map(Into::into),
        ..registration(broker, id(1_000 + u64::from(broker.unsigned_abs())))
    };
    let nobody = MetadataImage::empty("cluster");
    let context = Context {
        image: &nobody,
        node: NodeId(0),
        statics: &(),
    };
    let decision = register_broker(context, &request, 1, false);
    let Some(MetadataRecord::RegisterBroker(record)) = decision.records.into_iter().next() else {
        panic!("refused: {:?}", decision.response);
    };
    RegisterBrokerRecord {
        fenced: false,
        ..record
    }
    .into()
}

pub(crate) fn feature(name: &str, level: i16) -> MetadataRecord {
    FeatureLevelRecord {
        name: name.into(),
        feature_level: level,
    }
    .into()
}
