//! What ties a broker to the fleet that started it: when the fleet is gone, however that came about, the
//! broker stops, too.

use std::io::{Read, stdin};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

/// A broker that has not stopped by then is ended.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Watches standard input, which ends with the process at its other end.
pub(crate) fn watch() -> std::io::Result<()> {
    thread::Builder::new()
        .name("lifeline".to_owned())
        .spawn(|| {
            let mut unread = [0; 64];
            while stdin().lock().read(&mut unread).is_ok_and(|read| read > 0) {}
            // A process may always signal itself.
            let _heard = kill_process(getpid(), Signal::TERM);
            thread::park_timeout(STOP_LIMIT);
            let _heard = kill_process(getpid(), Signal::KILL);
        })
        .map(drop)
}
