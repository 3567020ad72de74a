//! The pass over the records of a produced batch.

use millrace_types::{NO_TIMESTAMP, Timestamp};

use crate::batch::BatchHeader;
use crate::record::{Bodies, MalformedRecord, RecordBody};
use crate::validate::invalid::{InvalidBatch, RejectedRecord, RejectionReason};

/// A response names this many offending records; more tell nobody anything new.
const MAX_REJECTED_RECORDS: usize = 100;

/// What each record must satisfy.
pub(crate) struct RecordRules {
    pub(crate) keys_required: bool,
    pub(crate) earliest: Timestamp,
    pub(crate) latest: Timestamp,
}

/// What the pass found out.
pub(crate) struct Walked {
    pub(crate) max_timestamp: Timestamp,
    pub(crate) max_timestamp_delta: i32,
}

impl RecordRules {
    #[inline]
    fn violation(&self, record: &RecordBody<'_>, timestamp: Timestamp) -> Option<RejectionReason> {
        if self.keys_required && record.key.is_none() {
            return Some(RejectionReason::MissingKey);
        }
        let timely = self.earliest <= timestamp && timestamp <= self.latest;
        if timely || timestamp == NO_TIMESTAMP {
            return None;
        }
        Some(RejectionReason::Timestamp {
            timestamp,
            earliest: self.earliest,
            latest: self.latest,
        })
    }
}

pub(crate) fn walk<B: Bodies>(
    mut bodies: B,
    header: &BatchHeader,
    rules: &RecordRules,
) -> Result<Walked, InvalidBatch> {
    let mut walked = Walked {
        max_timestamp: NO_TIMESTAMP,
        max_timestamp_delta: 0,
    };
    let mut rejected = Vec::new();
    for index in 0..header.record_count {
        let malformed = |cause: B::Error| InvalidBatch::Record {
            index,
            cause: cause.into(),
        };
        let body = bodies.next_body().map_err(malformed)?;
        let record = RecordBody::parse(body).map_err(|cause| malformed(cause.into()))?;
        if record.offset_delta != index {
            let delta = record.offset_delta;
            return Err(InvalidBatch::OffsetDelta { index, delta });
        }
        let timestamp = header
            .base_timestamp
            .checked_add(record.timestamp_delta)
            .ok_or_else(|| malformed(MalformedRecord::OutOfRange.into()))?;
        if let Some(reason) = rules.violation(&record, timestamp) {
            rejected.push(RejectedRecord { index, reason });
            if rejected.len() == MAX_REJECTED_RECORDS {
                break;
            }
        }
        if timestamp > walked.max_timestamp {
            walked.max_timestamp = timestamp;
            walked.max_timestamp_delta = index;
        }
    }
    if !rejected.is_empty() {
        return Err(InvalidBatch::Rejected(rejected));
    }
    bodies.check_end().map_err(|cause| InvalidBatch::Record {
        index: header.record_count,
        cause: cause.into(),
    })?;
    Ok(walked)
}
