//! Topics come and go.

mod auto;
mod create;
mod delete;

pub use auto::auto_created;
pub use create::create_topics;
pub use delete::delete_topics;
