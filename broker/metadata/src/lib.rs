//! The fleet's metadata: the records that change it, the immutable image they lead to, the
//! decisions that make new records, and the answers that clients get from the image.
//! Pure: no task, no clock, no file, no socket.

mod check;
pub mod control;
pub mod delta;
pub mod image;
pub mod query;
pub mod record;
pub mod snapshot;

pub use check::{PartitionFault, Violation};
pub use delta::MetadataDelta;
pub use image::MetadataImage;
pub use record::MetadataRecord;
