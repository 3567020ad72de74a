//! End-to-end latency: one connection sends a record each millisecond, come what may; another waits
//! for them at the end of the log. A record's time counts from when it was due, so a broker that
//! stalls cannot hide what piled up meanwhile.

use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use millrace_bench_shared::clock;

use crate::cases::Load;
use crate::frames::{Answer, Frame, receive};
use crate::raw::{self, Batch};

const INTERVAL: Duration = Duration::from_millis(1);

/// Returns how long each record took from when it was due until a consumer had it.
pub(crate) fn run(
    address: SocketAddr,
    topic: &str,
    load: &Load,
    lasting: Duration,
) -> Result<Vec<Duration>> {
    let count = u32::try_from(lasting.as_millis() / INTERVAL.as_millis())?;
    let batch = Batch::one_record(load)?;
    let mut frame = Frame::produce(topic, 0, load.acks, &batch.bytes);
    let mut answer = Vec::new();
    let mut consumer = raw::connect(address)?;
    // The end of the log as it is: what came before was warm-up.
    let mut offsets = [0];
    while raw::fetch(&mut consumer, topic, &mut offsets, &mut answer)? > 0 {}
    let first = offsets[0];

    let stream = raw::connect(address)?;
    let mut acknowledged = stream.try_clone()?;
    let due = clock::now() + Duration::from_millis(20);
    thread::scope(|scope| {
        let sender = scope.spawn(move || send(stream, &mut frame, due, count));
        let checker = scope.spawn(move || check(&mut acknowledged, count));
        let mut arrived = Vec::with_capacity(usize::try_from(count)?);
        while arrived.len() < count as usize {
            let came = raw::fetch(&mut consumer, topic, &mut offsets, &mut answer)?;
            let now = clock::now();
            ensure!(
                came > 0 || now < due + INTERVAL * count,
                "records are missing"
            );
            arrived.resize(usize::try_from(offsets[0] - first)?, now);
        }
        for thread in [sender, checker] {
            thread
                .join()
                .map_err(|_| anyhow!("the producer panicked"))??;
        }
        let late = (0..count)
            .zip(arrived)
            .map(|(turn, at): (u32, Instant)| at - (due + INTERVAL * turn));
        Ok(late.collect())
    })
}

fn send(mut stream: TcpStream, frame: &mut Frame, due: Instant, count: u32) -> Result<()> {
    for turn in 0..count {
        clock::pause_until(due + INTERVAL * turn);
        frame.send(&mut stream, i32::try_from(turn)?)?;
    }
    Ok(())
}

fn check(stream: &mut TcpStream, count: u32) -> Result<()> {
    let mut answer = Vec::new();
    for _ in 0..count {
        Answer(receive(stream, &mut answer)?).check_produced()?;
    }
    Ok(())
}
