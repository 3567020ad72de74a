//! Doing the same to many things with a few threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

/// More threads do not make a disk faster.
const MAX_THREADS: usize = 64;

/// Applies `change` to all items, in no particular order.
pub(crate) fn map<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    change: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let threads = threads.clamp(1, MAX_THREADS).min(items.len());
    let items: Vec<Mutex<Option<T>>> = items
        .into_iter()
        .map(|item| Mutex::new(Some(item)))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while let Some(slot) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let item = slot.lock().take().expect("every slot is visited once");
            results.push(change(item));
        }
        results
    };
    let mut all = Vec::with_capacity(items.len());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join() {
                Ok(results) => all.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn every_item_is_changed_once() {
        for threads in [0, 1, 3, 1000] {
            let mut results = map((0..100).collect(), threads, &|item: i32| item * 2);
            results.sort_unstable();
            assert_eq!(results, (0..100).map(|item| item * 2).collect::<Vec<_>>());
        }
        assert!(map(Vec::<i32>::new(), 4, &|item| item).is_empty());
    }
}
