//! A fleet that exists only as an image: decisions are applied the moment they are made, and every
//! image is checked, written down and read back.

use std::collections::BTreeMap;

use millrace_metadata::control::{Context, Decision, Entropy};
use millrace_metadata::delta::MetadataDelta;
use millrace_metadata::{MetadataImage, MetadataRecord, query, snapshot};
use millrace_types::{NodeId, Uuid};
use millrace_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use millrace_wire::records::metadata::register_broker_record::{
    BrokerEndpoint, RegisterBrokerRecord,
};

pub(crate) const LISTENER: &str = "PLAINTEXT";

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
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: name.into(),
                num_partitions: partitions,
                replication_factor,
                ..CreatableTopic::default()
            }],
            ..CreateTopicsRequest::default()
        };
        let context = Context {
            image: &self.image,
            node: NodeId(0),
            statics: &self.statics,
        };
        let decision =
            millrace_metadata::control::topics::create_topics(context, &request, &mut self.entropy);
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

/// An active broker that can be reached at `broker-<id>`.
pub(crate) fn broker_record(broker: i32, rack: Option<&str>) -> MetadataRecord {
    RegisterBrokerRecord {
        broker_id: broker,
        broker_epoch: 1,
        incarnation_id: id(1_000 + u64::from(broker.unsigned_abs())),
        end_points: vec![BrokerEndpoint {
            name: LISTENER.into(),
            host: format!("broker-{broker}").into(),
            port: 9092,
            security_protocol: 0,
        }],
        rack: rack.map(Into::into),
        fenced: false,
        log_dirs: vec![id(2_000 + u64::from(broker.unsigned_abs()))],
        ..RegisterBrokerRecord::default()
    }
    .into()
}
