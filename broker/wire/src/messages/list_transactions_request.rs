//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct ListTransactionsRequest {
    pub state_filters: Vec<Arc<str>>,
    pub producer_id_filters: Vec<i64>,
    /// Versions 1+.
    pub duration_filter: i64,
    /// Versions 2+.
    pub transactional_id_pattern: Option<Arc<str>>,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Vec::new(),
            producer_id_filters: Vec::new(),
            duration_filter: -1,
            transactional_id_pattern: None,
        }
    }
}

impl Fields for ListTransactionsRequest {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            state_filters: d.array(version)?,
            producer_id_filters: d.array(version)?,
            duration_filter: if version >= 1 { d.int64()? } else { -1 },
            transactional_id_pattern: if version >= 2 {
                d.nullable_string()?
            } else {
                None
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.state_filters, version);
        e.array(&self.producer_id_filters, version);
        if version >= 1 {
            e.int64(self.duration_filter);
        } else if self.duration_filter != -1 {
            e.cannot_carry("duration_filter");
        }
        if version >= 2 {
            e.nullable_string(self.transactional_id_pattern.as_deref());
        } else if self.transactional_id_pattern.is_some() {
            e.cannot_carry("transactional_id_pattern");
        }
        e.no_tags();
    }
}

impl Message for ListTransactionsRequest {
    const NAME: &'static str = "ListTransactionsRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for ListTransactionsRequest {
    const KEY: ApiKey = ApiKey::ListTransactions;
    type Response = crate::messages::list_transactions_response::ListTransactionsResponse;
}
