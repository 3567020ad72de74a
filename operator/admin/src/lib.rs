//! What the operator asks of a Kafka cluster: one trait, over the client and as a fake.
