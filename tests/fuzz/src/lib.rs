//! The fuzz targets: any bytes at all, through everything that reads bytes of strangers. Each
//! panics only when the code it calls breaks a promise. The replay of the corpus calls them, too.

mod decoders;
mod directory;
mod disk;
mod recovery;

pub use decoders::{
    group_record, metadata_record, quorum_message, record_batches, request_frame,
    server_properties, wire_message,
};
pub use directory::data_dir;
pub use recovery::log_recovery;
