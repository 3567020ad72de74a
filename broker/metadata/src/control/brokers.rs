//! Brokers register, report that they live, shut down in order, and go. What that means for the
//! partitions they hold is decided in the same batch.

mod heartbeat;
mod register;
mod registered;
mod serve;
mod unregister;

pub use heartbeat::broker_heartbeat;
pub use register::register_broker;
pub use registered::fence_broker;
pub use serve::register_serving_broker;
pub use unregister::unregister_broker;
