//! The requests of one connection that have no sent reply yet, oldest first. Replies leave in this
//! order whatever order they become ready in.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::connection::memory::Share;
use crate::service::{Finished, Outcome, Waiting};

/// Requests of one connection that may wait for their reply at once. Java producers keep five in
/// flight, librdkafka more, but each holds at most one reply's worth of memory here.
const PIPELINED_MAX: usize = 64;

/// Replies that wait for an older one may have this much memory; then the connection's next
/// request waits, too.
const UNSENT_BYTES_MAX: usize = 1024 * 1024;

enum Slot {
    Done(Finished),
    Waiting {
        work: Waiting,
        /// Given back when the work is done.
        _share: Share,
    },
}

#[derive(Default)]
pub(crate) struct Slots {
    queue: VecDeque<Slot>,
    /// The newest slot is one that no later request may overtake.
    exclusive: bool,
    /// A request waits whose memory could not be counted: it has to stay the only one.
    uncounted: bool,
    unsent_bytes: usize,
}

impl Slots {
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether the connection's next request may start.
    pub(crate) fn accept(&self) -> bool {
        !self.exclusive
            && !self.uncounted
            && self.queue.len() < PIPELINED_MAX
            && self.unsent_bytes < UNSENT_BYTES_MAX
    }

    /// Takes what the service said of a frame. `share` is the memory the frame was counted for.
    pub(crate) async fn push(&mut self, outcome: Outcome, frame_bytes: usize, mut share: Share) {
        let (mut work, exclusive) = match outcome {
            Outcome::Now(finished) => return self.push_done(finished),
            Outcome::Pipelined(waiting) => (waiting, false),
            Outcome::Exclusive(waiting) => (waiting, true),
        };
        // Most of what could wait need not.
        let polled = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
        if let Poll::Ready(finished) = polled {
            return self.push_done(finished);
        }
        self.exclusive = exclusive;
        self.uncounted = !exclusive && share.is_empty() && !share.try_grow(frame_bytes);
        self.queue.push_back(Slot::Waiting {
            work,
            _share: share,
        });
    }

    fn push_done(&mut self, finished: Finished) {
        self.unsent_bytes += memory_of(&finished);
        self.queue.push_back(Slot::Done(finished));
    }

    /// What has become of the oldest request, if it is finished.
    pub(crate) fn pop_done(&mut self) -> Option<Finished> {
        if !matches!(self.queue.front(), Some(Slot::Done(_))) {
            return None;
        }
        let Some(Slot::Done(finished)) = self.queue.pop_front() else {
            return None;
        };
        self.unsent_bytes -= memory_of(&finished);
        if self.queue.is_empty() {
            self.exclusive = false;
            self.uncounted = false;
        }
        Some(finished)
    }

    /// Lets the oldest request go as far as it can without waiting: what became ready together
    /// leaves together.
    pub(crate) async fn nudge(&mut self) {
        poll_fn(|context| Poll::Ready(self.poll_oldest(context))).await;
    }

    /// Resolves when the oldest request is finished; never when there is none.
    pub(crate) async fn oldest_done(&mut self) {
        poll_fn(|context| {
            if self.poll_oldest(context) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    fn poll_oldest(&mut self, context: &mut Context<'_>) -> bool {
        let Some(slot) = self.queue.front_mut() else {
            return false;
        };
        if let Slot::Waiting { work, .. } = slot {
            let Poll::Ready(finished) = work.as_mut().poll(context) else {
                return false;
            };
            self.unsent_bytes += memory_of(&finished);
            *slot = Slot::Done(finished);
        }
        true
    }
}

fn memory_of(finished: &Finished) -> usize {
    match finished {
        Finished::Reply(reply) => reply.bytes_in_memory(),
        Finished::Silent | Finished::Close(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::sync::oneshot;

    use super::*;
    use crate::connection::memory::RequestMemory;
    use crate::reply::Reply;

    fn reply(bytes: usize) -> Finished {
        Finished::Reply(Reply::from(Bytes::from(vec![b'r'; bytes])))
    }

    /// A request that is answered by hand.
    fn open() -> (oneshot::Sender<Finished>, Waiting) {
        let (answer, answered) = oneshot::channel();
        let waiting = Box::pin(async move { answered.await.unwrap_or(Finished::Silent) });
        (answer, waiting)
    }

    struct Fixture {
        slots: Slots,
        memory: std::sync::Arc<RequestMemory>,
    }

    impl Fixture {
        fn new(memory_bytes: u64) -> Self {
            Self {
                slots: Slots::default(),
                memory: RequestMemory::new(memory_bytes),
            }
        }

        async fn push(&mut self, outcome: Outcome) {
            let share = Share::none_of(&self.memory);
            self.slots.push(outcome, 1024, share).await;
        }

        async fn push_open(&mut self) -> oneshot::Sender<Finished> {
            let (answer, waiting) = open();
            self.push(Outcome::Pipelined(waiting)).await;
            answer
        }
    }

    #[tokio::test]
    async fn replies_leave_in_the_order_of_their_requests() {
        let mut fixture = Fixture::new(u64::MAX);
        let first = fixture.push_open().await;
        let second = fixture.push_open().await;
        fixture.push(Outcome::Now(reply(3))).await;
        let _unheard = second.send(reply(2));
        assert!(fixture.slots.pop_done().is_none());
        let _unheard = first.send(reply(1));
        fixture.slots.oldest_done().await;
        let mut sizes = Vec::new();
        while let Some(finished) = fixture.slots.pop_done() {
            sizes.push(memory_of(&finished));
            fixture.slots.nudge().await;
        }
        assert_eq!(sizes, [1, 2, 3]);
        assert!(fixture.slots.is_empty());
    }

    #[tokio::test]
    async fn an_exclusive_request_is_overtaken_by_none() {
        let mut fixture = Fixture::new(u64::MAX);
        let (answer, waiting) = open();
        fixture.push(Outcome::Exclusive(waiting)).await;
        assert!(!fixture.slots.accept());
        let _unheard = answer.send(reply(1));
        fixture.slots.oldest_done().await;
        assert!(fixture.slots.pop_done().is_some());
        assert!(fixture.slots.accept());
    }

    #[tokio::test]
    async fn so_many_may_wait_and_no_more() {
        let mut fixture = Fixture::new(u64::MAX);
        let mut answers = Vec::new();
        while fixture.slots.accept() {
            answers.push(fixture.push_open().await);
        }
        assert_eq!(answers.len(), PIPELINED_MAX);
    }

    #[tokio::test]
    async fn finished_replies_that_wait_for_an_older_one_are_bounded() {
        let mut fixture = Fixture::new(u64::MAX);
        let answer = fixture.push_open().await;
        let mut pushed = 0;
        while fixture.slots.accept() {
            fixture.push(Outcome::Now(reply(100 * 1024))).await;
            pushed += 1;
        }
        assert_eq!(pushed, UNSENT_BYTES_MAX.div_ceil(100 * 1024));
        let _unheard = answer.send(reply(0));
        fixture.slots.oldest_done().await;
        while fixture.slots.pop_done().is_some() {}
        assert!(fixture.slots.accept());
    }

    #[tokio::test]
    async fn without_memory_a_connection_has_one_request_at_work() {
        let mut fixture = Fixture::new(1024);
        let counted = fixture.push_open().await;
        assert!(fixture.slots.accept());
        let uncounted = fixture.push_open().await;
        assert!(!fixture.slots.accept());
        for answer in [counted, uncounted] {
            let _unheard = answer.send(reply(1));
            fixture.slots.oldest_done().await;
            assert!(fixture.slots.pop_done().is_some());
        }
        assert!(fixture.slots.accept());
    }
}
