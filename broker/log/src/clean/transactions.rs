//! Follows the transactions of a log from batch to batch, to know which records were aborted and
//! which markers still have records to speak for. Pure.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::{HashMap, HashSet};
use millrace_records::{BatchHeader, ControlRecord, EndTxnMarker};
use millrace_types::{Offset, ProducerId};

use crate::index::AbortedTxn;

/// What is to become of a control batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Records of its transaction are there.
    Needed,
    /// Needed, and it ends an aborted transaction, which belongs into the new transaction index.
    NeededForAborted(AbortedTxn),
    /// No record of its transaction is left.
    Superfluous,
}

/// What is known between two batches.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    /// Aborted transactions that begin later, earliest first.
    to_come: BinaryHeap<Reverse<(Offset, AbortedOrder)>>,
    /// Those that have begun, and whether any of their batches was met.
    aborted: HashMap<ProducerId, (AbortedTxn, bool)>,
    /// Producers of which batches were met that no abort speaks about.
    committed: HashSet<ProducerId>,
}

/// An aborted transaction in the order of its fields, so that it can be in a heap.
type AbortedOrder = (ProducerId, Offset, Offset);

impl Transactions {
    /// Adds what the transaction index says about the batches to come. The same transaction may be
    /// added several times, while it is going on.
    pub(crate) fn expect(&mut self, aborted: &[AbortedTxn]) {
        for txn in aborted {
            let order = (txn.producer_id, txn.last_offset, txn.last_stable_offset);
            self.to_come.push(Reverse((txn.first_offset, order)));
        }
    }

    /// Whether the records of a data batch were aborted.
    pub(crate) fn is_aborted(&mut self, batch: &BatchHeader) -> bool {
        self.begin_aborted(batch.last_offset());
        if !batch.attributes.is_transactional() {
            return false;
        }
        match self.aborted.get_mut(&batch.producer_id) {
            Some((_, has_batches)) => {
                *has_batches = true;
                true
            }
            None => {
                self.committed.insert(batch.producer_id);
                false
            }
        }
    }

    /// What is to become of a control batch that says `control`, or nothing since it was emptied.
    pub(crate) fn end(&mut self, batch: &BatchHeader, control: Option<ControlRecord>) -> Marker {
        self.begin_aborted(batch.last_offset());
        let has_batches = match control {
            None => false,
            Some(ControlRecord::Other(_)) => true,
            Some(ControlRecord::EndTxn(EndTxnMarker {
                committed: true, ..
            })) => self.committed.remove(&batch.producer_id),
            Some(ControlRecord::EndTxn(EndTxnMarker {
                committed: false, ..
            })) => match self.aborted.remove(&batch.producer_id) {
                Some((txn, true)) => return Marker::NeededForAborted(txn),
                Some((_, false)) | None => false,
            },
        };
        if has_batches {
            Marker::Needed
        } else {
            Marker::Superfluous
        }
    }

    fn begin_aborted(&mut self, up_to: Offset) {
        while let Some(&Reverse((first_offset, order))) = self.to_come.peek() {
            if first_offset > up_to {
                break;
            }
            self.to_come.pop();
            let (producer_id, last_offset, last_stable_offset) = order;
            let txn = AbortedTxn {
                producer_id,
                first_offset,
                last_offset,
                last_stable_offset,
            };
            self.aborted.entry(producer_id).or_insert((txn, false));
        }
    }
}

#[cfg(test)]
mod tests {
    use millrace_records::{BatchBuilder, BatchView};

    use super::*;

    fn batch(offset: Offset, producer_id: ProducerId) -> BatchHeader {
        let bytes = BatchBuilder::new(offset)
            .producer(producer_id, 0, 0)
            .transactional()
            .build();
        *BatchView::read(&bytes.unwrap()).unwrap().header()
    }

    fn aborted(producer_id: ProducerId, first_offset: Offset, last_offset: Offset) -> AbortedTxn {
        AbortedTxn {
            producer_id,
            first_offset,
            last_offset,
            last_stable_offset: last_offset + 1,
        }
    }

    fn marker(committed: bool) -> Option<ControlRecord> {
        Some(ControlRecord::EndTxn(EndTxnMarker {
            committed,
            coordinator_epoch: 0,
        }))
    }

    #[test]
    fn aborted_batches_are_known_by_producer_and_offset() {
        let mut txns = Transactions::default();
        txns.expect(&[aborted(1, 10, 20), aborted(1, 40, 50)]);
        txns.expect(&[aborted(1, 10, 20)]);
        assert!(!txns.is_aborted(&batch(5, 1)));
        assert_eq!(txns.end(&batch(6, 1), marker(true)), Marker::Needed);
        assert!(txns.is_aborted(&batch(10, 1)));
        assert!(!txns.is_aborted(&batch(11, 2)));
        assert!(txns.is_aborted(&batch(12, 1)));
        let ended = txns.end(&batch(20, 1), marker(false));
        assert_eq!(ended, Marker::NeededForAborted(aborted(1, 10, 20)));
        assert!(!txns.is_aborted(&batch(30, 1)));
        assert_eq!(txns.end(&batch(31, 1), marker(true)), Marker::Needed);
        assert!(txns.is_aborted(&batch(40, 1)));
    }

    #[test]
    fn markers_without_batches_are_superfluous() {
        let mut txns = Transactions::default();
        txns.expect(&[aborted(1, 10, 20)]);
        assert_eq!(txns.end(&batch(5, 3), marker(true)), Marker::Superfluous);
        assert_eq!(txns.end(&batch(20, 1), marker(false)), Marker::Superfluous);
        assert_eq!(txns.end(&batch(21, 1), marker(false)), Marker::Superfluous);
        assert_eq!(txns.end(&batch(22, 1), None), Marker::Superfluous);
    }
}
