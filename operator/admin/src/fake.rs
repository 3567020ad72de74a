//! A cluster in memory, for tests of who asks: the semantics that matter, time that stands still
//! until a test moves it, and calls that fail, hang or lose their answers when a test says so.

mod answers;
mod cluster;
mod script;
mod settings;
mod state;

pub use cluster::FakeKafka;
pub use script::{Asked, Call, Fate};
pub use state::{FakeTopic, State};
