//! How fast a leader checks batches: `cargo run --release -p millrace-records --example validate_speed`.

use std::hint::black_box;

use millrace_records::{BatchBuilder, Compression, NewRecord, Rules, Scratch, validate};
use millrace_types::{Clock, SystemClock};

/// Many and short, so that the best one ran undisturbed.
const ROUNDS: usize = 200;
const BYTES_PER_ROUND: usize = 4 * 1024 * 1024;

#[expect(clippy::print_stdout, reason = "printing is all this program is for")]
fn main() {
    println!("codec    record bytes  records   batch bytes  ns/record   GB/s plain");
    for codec in Compression::ALL {
        for (value_bytes, count) in [
            (10, 1000),
            (100, 150),
            (100, 10_000),
            (1024, 16),
            (1024, 1000),
        ] {
            let batch = batch(codec, value_bytes, count);
            let plain = plain_bytes(value_bytes, count);
            let seconds = best_time(&batch, (BYTES_PER_ROUND / plain).max(1));
            println!(
                "{:8} {value_bytes:12} {count:8} {:13} {:10.2} {:12.2}",
                codec.name(),
                batch.len(),
                seconds * 1e9 / f64::from(count),
                f64::from(u32::try_from(plain).unwrap_or(u32::MAX)) / seconds / 1e9,
            );
        }
    }
}

fn batch(codec: Compression, value_bytes: usize, count: u32) -> Vec<u8> {
    let mut builder = BatchBuilder::new(0).compression(codec);
    let mut noise = 1_u64;
    for index in 0..count {
        let value: Vec<u8> = (0..value_bytes)
            .map(|_| {
                noise = noise
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                b'a' + noise.to_be_bytes()[0] % 16
            })
            .collect();
        let record = NewRecord {
            timestamp: 1_000_000 + i64::from(index / 10),
            key: None,
            value: Some(&value),
            headers: &[],
        };
        builder.push(&record).expect("the batch is small");
    }
    builder.build().expect("the batch is small")
}

fn plain_bytes(value_bytes: usize, count: u32) -> usize {
    batch(Compression::None, value_bytes, count).len()
}

/// Seconds per batch, best of a few rounds.
fn best_time(batch: &[u8], batches: usize) -> f64 {
    let clock = SystemClock::new();
    let mut scratch = Scratch::default();
    let rules = Rules {
        max_batch_bytes: batch.len(),
        ..Rules::default()
    };
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = clock.elapsed();
        for _ in 0..batches {
            let valid = validate(black_box(batch), &rules, 1_000_000, &mut scratch);
            black_box(valid).expect("the batch is valid");
        }
        let batches = f64::from(u32::try_from(batches).unwrap_or(u32::MAX));
        best = best.min((clock.elapsed() - start).as_secs_f64() / batches);
    }
    best
}
