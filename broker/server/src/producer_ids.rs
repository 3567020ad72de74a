//! Producer ids for this broker to give out, taken from the controller a block at a time.

use std::ops::Range;

use millrace_metadata::control::producer_ids::allocate_producer_ids;
use millrace_types::{ErrorCode, NodeId, ProducerId};
use millrace_wire::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use parking_lot::Mutex;

use crate::metadata::Controller;

#[derive(Debug)]
pub struct ProducerIds {
    node: NodeId,
    block: Mutex<Range<ProducerId>>,
}

impl ProducerIds {
    #[must_use]
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            block: Mutex::new(0..0),
        }
    }

    /// An id that nobody has.
    ///
    /// # Errors
    /// When the controller gives no new block.
    pub async fn next(&self, controller: &Controller) -> Result<ProducerId, ErrorCode> {
        loop {
            if let Some(id) = self.block.lock().next() {
                return Ok(id);
            }
            // Two that find the block empty take two blocks; the ids of one are not used.
            let block = self.allocate(controller).await?;
            *self.block.lock() = block;
        }
    }

    async fn allocate(&self, controller: &Controller) -> Result<Range<ProducerId>, ErrorCode> {
        let node = self.node;
        let decided = controller.decide(move |context, _| {
            let epoch = context
                .image
                .brokers
                .get(node)
                .map_or(-1, |broker| broker.epoch);
            let request = AllocateProducerIdsRequest {
                broker_id: node.0,
                broker_epoch: epoch,
            };
            allocate_producer_ids(context, &request)
        });
        let block = decided.await.map_err(|error| error.code())?;
        match ErrorCode::from_code(block.error_code) {
            ErrorCode::None => {
                let start = block.producer_id_start;
                Ok(start..start + i64::from(block.producer_id_len))
            }
            code => Err(code),
        }
    }
}
