//! Lets a suite in any language start, stop and kill brokers: one line in, one line out, over TCP.
//!
//! ```text
//! start k=v<TAB>k=v   -> ok <id> <host:port>     a new broker on empty data
//! stop <id>           -> ok                      SIGTERM, and wait
//! kill <id>           -> ok                      SIGKILL
//! resume <id>         -> ok                      again, on the data it left
//! drop <id>           -> ok                      kill and forget, with its data
//! data <id>           -> ok <directory>
//! ```
//! Anything that fails answers `error <text>`, its lines joined by ` | `.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use parking_lot::{Mutex, RwLock};

use crate::broker::Broker;
use crate::properties::Properties;
use crate::target::Target;

/// More at once than a suite can need: a forgotten `drop` in a loop ends here.
const MAX_BROKERS: usize = 32;

type Shared = Arc<Mutex<Broker>>;

/// The brokers of one suite run. Each has its own lock: starting one does not hold up another.
pub struct Brokers {
    target: Target,
    running: Mutex<Registry>,
    /// Held for reading by every command at work; once it is true, no command begins.
    closed: RwLock<bool>,
}

#[derive(Default)]
struct Registry {
    next: usize,
    brokers: BTreeMap<usize, Shared>,
}

impl Brokers {
    pub fn new(target: Target) -> Self {
        Self {
            target,
            running: Mutex::default(),
            closed: RwLock::default(),
        }
    }

    /// Starts one more broker; its number names it in every other command.
    pub fn start(&self, overrides: &Properties) -> Result<(usize, SocketAddr)> {
        ensure!(
            self.running.lock().brokers.len() < MAX_BROKERS,
            "{MAX_BROKERS} brokers run"
        );
        let broker = Broker::start(self.target, overrides)?;
        let address = broker.address();
        let mut registry = self.running.lock();
        let id = registry.next;
        registry.next += 1;
        registry.brokers.insert(id, Arc::new(Mutex::new(broker)));
        Ok((id, address))
    }

    pub fn data_directory(&self, id: usize) -> Result<PathBuf> {
        let broker = self.get(&id.to_string())?;
        let directory = broker.lock().data_directory();
        Ok(directory)
    }

    /// The end of every broker's log that still stands.
    pub fn log_tails(&self) -> Vec<String> {
        let brokers: Vec<Shared> = self.running.lock().brokers.values().cloned().collect();
        brokers
            .iter()
            .map(|broker| broker.lock().log_tail())
            .collect()
    }

    /// Ends every process and removes its data, after the commands that are still at work: what
    /// they start would outlive this process.
    pub fn stop_all(&self) {
        *self.closed.write() = true;
        self.running.lock().brokers.clear();
    }

    fn get(&self, id: &str) -> Result<Shared> {
        let id: usize = id.parse().with_context(|| format!("`{id}` is no broker"))?;
        self.running
            .lock()
            .brokers
            .get(&id)
            .cloned()
            .with_context(|| format!("no broker {id}"))
    }

    fn obey(&self, line: &str) -> Result<String> {
        let closed = self.closed.read();
        ensure!(!*closed, "the suite has ended");
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "start" => {
                let (id, address) = self.start(&argument.split('\t').collect())?;
                return Ok(format!("{id} {address}"));
            }
            "stop" => drop(self.get(argument)?.lock().terminate()?),
            "kill" => self.get(argument)?.lock().kill()?,
            "resume" => self.get(argument)?.lock().resume()?,
            "drop" => {
                self.get(argument)?;
                self.running.lock().brokers.remove(&argument.parse()?);
            }
            "data" => {
                let directory = self.data_directory(argument.parse()?)?;
                return Ok(directory.display().to_string());
            }
            other => bail!("unknown command `{other}`"),
        }
        Ok(String::new())
    }
}

/// Serves commands on a port of its own for as long as the process lives.
pub fn serve(brokers: Arc<Brokers>) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let brokers = Arc::clone(&brokers);
            // A client that hangs up in the middle of an answer has nobody left to tell.
            thread::spawn(move || drop(converse(&brokers, stream)));
        }
    });
    Ok(address)
}

fn converse(brokers: &Brokers, stream: TcpStream) -> Result<()> {
    let mut answers = stream.try_clone()?;
    for line in BufReader::new(stream).lines() {
        let answer = match brokers.obey(&line?) {
            Ok(text) if text.is_empty() => "ok".to_owned(),
            Ok(text) => format!("ok {text}"),
            Err(error) => format!("error {}", format!("{error:#}").replace('\n', " | ")),
        };
        answers.write_all(format!("{answer}\n").as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_command_is_answered_not_obeyed() {
        let brokers = Brokers::new(Target::Millrace);
        for (line, expected) in [
            ("dance 1", "unknown command `dance`"),
            ("kill 7", "no broker 7"),
            (
                "kill all",
                "`all` is no broker: invalid digit found in string",
            ),
        ] {
            assert_eq!(format!("{:#}", brokers.obey(line).unwrap_err()), expected);
        }
    }
}
