//! What the broker does by the clock: retention, checkpoints, timed flushes. Each runs off the
//! workers that serve clients, and never twice at once.

use std::sync::Arc;
use std::time::Duration;

use millrace_config::StorageConfig;
use millrace_replication::Replicas;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// A period below this is a mistake of units, or a test in a hurry.
const SHORTEST_PERIOD: Duration = Duration::from_millis(10);

/// Starts the broker's periodic work; it ends when the set is dropped.
pub(crate) fn start(replicas: &Arc<Replicas>, storage: &StorageConfig) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let first = storage.first_task_delay_ms;
    let mut every = |period_ms: i64, work: fn(&Replicas)| {
        let replicas = Arc::clone(replicas);
        tasks.spawn(repeat(millis(first), millis(period_ms), move || {
            work(&replicas)
        }));
    };
    every(storage.retention_check_ms, Replicas::apply_retention);
    every(storage.flush_check_ms, Replicas::flush_overdue);
    every(
        storage.recovery_point_checkpoint_ms,
        Replicas::write_checkpoints,
    );
    tasks
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).max(SHORTEST_PERIOD)
}

async fn repeat(
    first: Duration,
    period: Duration,
    work: impl Fn() + Clone + Send + Sync + 'static,
) {
    let mut ticks =
        tokio::time::interval_at(tokio::time::Instant::now() + first.min(period), period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let work = work.clone();
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!(%error, "periodic work failed");
        }
    }
}
