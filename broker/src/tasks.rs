//! What the broker does by the clock: retention, checkpoints, timed flushes. Each runs off the
//! workers that serve clients, and never twice at once.

use std::sync::Arc;
use std::time::Duration;

use millrace_config::BrokerConfig;
use millrace_replication::Replicas;
use millrace_server::stopped;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

/// A period below this is a mistake of units, or a test in a hurry.
const SHORTEST_PERIOD: Duration = Duration::from_millis(10);

/// How soon deleted files go when their time has come.
const DELETION_CHECK_MS: i64 = 1_000;

/// Starts the broker's periodic work. After shutdown every task finishes what it is at and ends.
pub(crate) fn start(
    replicas: &Arc<Replicas>,
    config: &BrokerConfig,
    shutdown: &watch::Receiver<bool>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let storage = &config.storage;
    let cleaner = config.cleaner.clone();
    let first = millis(storage.first_task_delay_ms);
    let mut every = |period_ms: i64, work: Arc<dyn Fn(&Replicas) + Send + Sync>| {
        let replicas = Arc::clone(replicas);
        let work = move || work(&replicas);
        tasks.spawn(repeat(first, millis(period_ms), shutdown.clone(), work));
    };
    every(
        storage.retention_check_ms,
        Arc::new(Replicas::apply_retention),
    );
    every(DELETION_CHECK_MS, Arc::new(Replicas::remove_deleted));
    every(storage.flush_check_ms, Arc::new(Replicas::flush_overdue));
    every(
        storage.recovery_point_checkpoint_ms,
        Arc::new(Replicas::write_checkpoints),
    );
    every(
        cleaner.backoff_ms,
        Arc::new(move |replicas| replicas.clean_logs(&cleaner)),
    );
    tasks
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).max(SHORTEST_PERIOD)
}

async fn repeat(
    first: Duration,
    period: Duration,
    mut shutdown: watch::Receiver<bool>,
    work: impl Fn() + Clone + Send + Sync + 'static,
) {
    let begin = Instant::now() + first.min(period);
    let mut ticks = tokio::time::interval_at(begin, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopped(&mut shutdown) => return,
        }
        let work = work.clone();
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!(%error, "periodic work failed");
        }
    }
}
