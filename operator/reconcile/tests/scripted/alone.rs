//! Runs that have nothing to do with each other: each has a runtime and a clock of its own, and every
//! processor has one at a time.

use std::thread::{available_parallelism, scope};

use tokio::runtime::Builder;

/// What becomes of each item, in order.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], run: impl AsyncFn(&T) -> R + Sync) -> Vec<R> {
    let threads = available_parallelism().map_or(1, usize::from);
    let one = |item: &T| {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(run(item))
    };
    let share = |first: usize| {
        let mine = items.iter().enumerate().skip(first).step_by(threads);
        mine.map(|(index, item)| (index, one(item)))
            .collect::<Vec<_>>()
    };
    let share = &share;
    let mut results: Vec<(usize, R)> = scope(|scope| {
        let shares: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || share(first)))
            .collect();
        let results = shares.into_iter().flat_map(|share| share.join().unwrap());
        results.collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
