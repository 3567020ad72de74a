//! Fetch: says which bytes of which files answer a consumer, and waits while there are too few.
//! Records are never looked at.

mod plan;

use std::sync::Arc;
use std::time::Duration;

use millrace_replication::{FetchWait, Isolation, Partition};
use millrace_types::{ErrorCode, NodeId};
use millrace_wire::Decoder;
use millrace_wire::messages::fetch_request::FetchRequest;
use millrace_wire::messages::fetch_response::FetchResponse;
use tokio::time::Instant;

use crate::call::{Call, timed};
use crate::connection::{Finished, Outcome};
use crate::fetch_session::{FetchAsk, FetchPlan, Interest, PartitionRef, TopicRef};
use crate::reply::FileSlice;
use plan::{Gathered, Limits, gather};

/// Topics have ids instead of names since this version.
const TOPIC_IDS_SINCE: i16 = 13;

pub(crate) fn handle(call: Call, body: &mut Decoder) -> Outcome {
    let request = match call.decode::<FetchRequest>(body) {
        Ok(request) => request,
        Err(error) => return Outcome::Now(call.refuse(&error)),
    };
    if is_replica(&request) {
        // No other broker is part of this fleet: nobody may fetch as one.
        return Outcome::Now(fail(&call, ErrorCode::NotLeaderOrFollower));
    }
    let limits = Limits {
        max_bytes: usize::try_from(request.max_bytes)
            .unwrap_or(0)
            .min(call.context.fetch_bytes_max()),
        isolation: match request.isolation_level {
            0 => Isolation::Uncommitted,
            _ => Isolation::Committed,
        },
    };
    let min_bytes = usize::try_from(request.min_bytes)
        .unwrap_or(0)
        .min(limits.max_bytes);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let plan = match call.context.sessions.plan(ask(&call, request), call.began) {
        Ok(plan) => plan,
        Err(code) => return Outcome::Now(fail(&call, code)),
    };
    let gathered = gather(&call, &plan, &limits);
    if gathered.answers_at_once(min_bytes) || wait.is_zero() || plan.partitions.is_empty() {
        return Outcome::Now(finish(&call, &plan, gathered));
    }
    let context = Arc::clone(&call.context);
    Outcome::Exclusive(timed(
        context,
        poll_long(call, plan, limits, min_bytes, wait),
    ))
}

fn is_replica(request: &FetchRequest) -> bool {
    NodeId(request.replica_id) >= NodeId(0) || NodeId(request.replica_state.replica_id) >= NodeId(0)
}

fn ask(call: &Call, request: FetchRequest) -> FetchAsk {
    let by_id = call.version >= TOPIC_IDS_SINCE;
    let topic_ref = |name: &Arc<str>, id| {
        if by_id {
            TopicRef::Id(id)
        } else {
            TopicRef::Name(Arc::clone(name))
        }
    };
    let mut wanted = Vec::new();
    for topic in &request.topics {
        for part in &topic.partitions {
            let partition = PartitionRef {
                topic: topic_ref(&topic.topic, topic.topic_id),
                partition: part.partition,
            };
            let interest = Interest {
                fetch_offset: part.fetch_offset,
                max_bytes: part.partition_max_bytes,
                current_leader_epoch: part.current_leader_epoch,
                last_fetched_epoch: part.last_fetched_epoch,
            };
            wanted.push((partition, interest));
        }
    }
    let forgotten = request.forgotten_topics_data.iter().flat_map(|topic| {
        let topic_ref = topic_ref(&topic.topic, topic.topic_id);
        let of = move |&partition: &i32| PartitionRef {
            topic: topic_ref.clone(),
            partition,
        };
        topic.partitions.iter().map(of)
    });
    FetchAsk {
        session_id: request.session_id,
        session_epoch: request.session_epoch,
        by_id,
        wanted,
        forgotten: forgotten.collect(),
    }
}

/// Parks at every partition until enough has come or time is up.
async fn poll_long(
    call: Call,
    plan: FetchPlan,
    limits: Limits,
    min_bytes: usize,
    wait: Duration,
) -> Finished {
    let deadline = Instant::now() + wait;
    loop {
        let parked = Parked::at(&call, &plan, min_bytes);
        // What came before the parking woke nobody: look again.
        let gathered = gather(&call, &plan, &limits);
        if gathered.answers_at_once(min_bytes) {
            return finish(&call, &plan, gathered);
        }
        parked.wait.lack(min_bytes.saturating_sub(gathered.bytes()));
        if tokio::time::timeout_at(deadline, parked.wait.woken())
            .await
            .is_err()
        {
            drop(parked);
            let gathered = gather(&call, &plan, &limits);
            return finish(&call, &plan, gathered);
        }
    }
}

/// A long poll at its partitions; leaves them when dropped.
struct Parked {
    wait: Arc<FetchWait>,
    places: Vec<(Arc<Partition>, usize)>,
}

impl Parked {
    fn at(call: &Call, plan: &FetchPlan, min_bytes: usize) -> Self {
        let wait = FetchWait::new(min_bytes);
        let partitions = plan.partitions.iter();
        let places = partitions
            .filter_map(|(partition, _)| plan::find(call, partition).ok())
            .map(|partition| {
                let place = partition.park_fetch(Arc::clone(&wait));
                (partition, place)
            })
            .collect();
        Self { wait, places }
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        for (partition, place) in &self.places {
            partition.release_fetch(*place);
        }
    }
}

fn finish(call: &Call, plan: &FetchPlan, gathered: Gathered) -> Finished {
    let (response, slices): (FetchResponse, Vec<FileSlice>) = gathered.into_response(call, plan);
    call.answer::<FetchRequest>(&response, &slices)
}

fn fail(call: &Call, code: ErrorCode) -> Finished {
    call.context.metrics.requests.failed(call.key, code);
    let response = FetchResponse {
        error_code: code.code(),
        ..FetchResponse::default()
    };
    call.answer::<FetchRequest>(&response, &[])
}
