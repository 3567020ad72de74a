//! What a topic asks of a batch, and the form in which it keeps one.

use std::cell::RefCell;

use bytes::Bytes;
use millrace_config::{Compression as Wanted, TimestampType as ConfiguredType, TopicConfig};
use millrace_log::{AppendBatch, Origin};
use millrace_records::batch::HEADER_BYTES;
use millrace_records::validate::{RejectionReason, expansion_limit};
use millrace_records::{
    BatchHeader, Compression, CompressionLevels, InvalidBatch, Rules, Scratch, TimestampType,
    recompress, validate,
};
use millrace_types::{NO_TIMESTAMP, Timestamp};

/// Clients that know no zstd speak older versions than this.
const ZSTD_SINCE: i16 = 7;

thread_local! {
    /// Buffers for looking into compressed batches, one per worker.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Checks a batch, and gives it the form in which the topic keeps it.
pub(super) fn check(
    bytes: Bytes,
    config: &TopicConfig,
    version: i16,
    now: Timestamp,
) -> Result<AppendBatch, InvalidBatch> {
    let rules = rules(config, version);
    SCRATCH.with_borrow_mut(|scratch| {
        let checked = check_with(scratch, bytes, config, &rules, now);
        scratch.trim();
        checked
    })
}

fn check_with(
    scratch: &mut Scratch,
    bytes: Bytes,
    config: &TopicConfig,
    rules: &Rules,
    now: Timestamp,
) -> Result<AppendBatch, InvalidBatch> {
    let header = validate(&bytes, rules, now, scratch)?.header;
    let batch = AppendBatch {
        header,
        bytes,
        origin: Origin::Client,
    };
    in_wanted_compression(batch, config, rules, scratch)
}

fn rules(config: &TopicConfig, version: i16) -> Rules {
    Rules {
        max_batch_bytes: config.max_message_bytes,
        max_expanded_bytes: expansion_limit(config.max_message_bytes),
        zstd_allowed: version >= ZSTD_SINCE,
        keys_required: config.cleanup.compact,
        timestamp_type: timestamp_type(config),
        timestamp_before_max_ms: config.timestamp_before_max_ms,
        timestamp_after_max_ms: config.timestamp_after_max_ms,
    }
}

fn timestamp_type(config: &TopicConfig) -> TimestampType {
    match config.timestamp_type {
        ConfiguredType::CreateTime => TimestampType::CreateTime,
        ConfiguredType::LogAppendTime => TimestampType::LogAppendTime,
    }
}

/// The time that the answer names: the log's own, where it sets one.
pub(super) fn append_time(config: &TopicConfig, now: Timestamp) -> Timestamp {
    match timestamp_type(config) {
        TimestampType::LogAppendTime => now,
        TimestampType::CreateTime => NO_TIMESTAMP,
    }
}

/// `compression.type` other than `producer`: batches that came in another form are repacked.
fn in_wanted_compression(
    batch: AppendBatch,
    config: &TopicConfig,
    rules: &Rules,
    scratch: &mut Scratch,
) -> Result<AppendBatch, InvalidBatch> {
    let Some((wanted, levels)) = wanted(config.compression) else {
        return Ok(batch);
    };
    if batch.header.attributes.compression()? == wanted {
        return Ok(batch);
    }
    let records = &batch.bytes[HEADER_BYTES..];
    let limit = rules.max_expanded_bytes;
    let repacked = recompress(&batch.header, records, (wanted, levels), limit, scratch)
        .map_err(|_| InvalidBatch::TooLarge { size: limit, limit })?;
    let header = BatchHeader::read(&repacked)?;
    Ok(AppendBatch {
        header,
        bytes: repacked.into(),
        ..batch
    })
}

fn wanted(compression: Wanted) -> Option<(Compression, CompressionLevels)> {
    let levels = CompressionLevels::default();
    match compression {
        Wanted::Producer => None,
        Wanted::Uncompressed => Some((Compression::None, levels)),
        Wanted::Gzip { level } => {
            let gzip = level
                .and_then(|level| i32::try_from(level).ok())
                .unwrap_or(levels.gzip);
            Some((Compression::Gzip, CompressionLevels { gzip, ..levels }))
        }
        Wanted::Snappy => Some((Compression::Snappy, levels)),
        Wanted::Lz4 => Some((Compression::Lz4, levels)),
        Wanted::Zstd { level } => Some((
            Compression::Zstd,
            CompressionLevels {
                zstd: level,
                ..levels
            },
        )),
    }
}

/// How many records a compacted topic refused for want of a key.
pub(super) fn keyless_records(error: &InvalidBatch) -> u64 {
    let records = error.rejected_records().iter();
    let keyless = records.filter(|record| record.reason == RejectionReason::MissingKey);
    keyless.count() as u64
}
