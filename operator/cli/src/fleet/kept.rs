//! The objects of the API, kept in a file: written soon after they change and once more at the end, and
//! read when a fleet starts again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use millrace_local::LocalApi;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::fleet::directory::{write_json, write_whole};

/// Changes come in bursts: what is written meanwhile is written once.
const GATHER: Duration = Duration::from_millis(100);
/// Who has much to write gathers so many times as long as it takes.
const GATHER_SHARE: u32 = 4;

/// What happened is told once, and who leads is of no use to the next run.
const NOT_KEPT: &[&str] = &["Event", "Lease"];

#[derive(Deserialize)]
struct Objects {
    objects: Vec<Value>,
}

#[derive(Serialize)]
struct Borrowed<'a> {
    objects: Vec<&'a Value>,
}

/// What was kept; nothing when a fleet starts for the first time.
pub(crate) fn read(path: &Path) -> Result<Vec<Value>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let kept: Objects = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what Millrace wrote", path.display()))?;
    Ok(kept.objects)
}

fn write(path: &Path, api: &LocalApi) -> Result<()> {
    let all = api.everything();
    let objects = all.iter().map(|object| &**object);
    let objects = objects.filter(|object| !NOT_KEPT.iter().any(|kind| object["kind"] == *kind));
    let objects = objects.collect();
    let objects = Borrowed { objects };
    write_whole(path, |file| write_json(file, &objects))
}

/// Keeps the file up to date.
#[derive(Debug)]
pub(crate) struct Keeper {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<()>>,
}

impl Keeper {
    pub(crate) fn start(path: PathBuf, api: LocalApi) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(keep(path, api, stopped));
        Self { stop, task }
    }

    /// Writes a last time.
    ///
    /// # Errors
    /// When that fails: the next start begins with what was written before.
    pub(crate) async fn stop(self) -> Result<()> {
        self.stop.send_replace(true);
        let kept = self.task.await.map_err(anyhow::Error::from);
        kept.flatten()
            .context("the last changes of resources were not kept")
    }
}

async fn keep(path: PathBuf, api: LocalApi, mut stopped: watch::Receiver<bool>) -> Result<()> {
    let mut newest = api.newest();
    loop {
        newest.mark_unchanged();
        let began = Instant::now();
        let (to, of) = (path.clone(), api.clone());
        // What is to be the last one is begun after the stop.
        let is_last = *stopped.borrow_and_update();
        let written = tokio::task::spawn_blocking(move || write(&to, &of)).await;
        let written = written.map_err(anyhow::Error::from).flatten();
        if is_last {
            return written;
        }
        if let Err(error) = written {
            tracing::error!(error = format!("{error:#}"), "the resources were not kept");
        }
        let gather = GATHER.max(began.elapsed() * GATHER_SHARE);
        tokio::select! {
            () = newest.changed() => {}
            _ = stopped.changed() => continue,
        }
        tokio::select! {
            () = sleep(gather) => {}
            _ = stopped.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn map(name: &str) -> Value {
        json!({"kind": "ConfigMap", "metadata": {"name": name, "namespace": "n"}})
    }

    #[tokio::test]
    async fn what_is_kept_comes_back_as_it_was() {
        let root = tempfile::TempDir::new().expect("a directory");
        let path = root.path().join("objects.json");
        assert_eq!(read(&path).expect("nothing yet"), Vec::<Value>::new());
        let api = LocalApi::new(Timestamp::UNIX_EPOCH);
        let keeper = Keeper::start(path.clone(), api.clone());
        api.create(map("first")).expect("created");
        let event = json!({"kind": "Event", "metadata": {"name": "e", "namespace": "n"}});
        api.create(event).expect("created");
        keeper.stop().await.expect("room");

        let again = LocalApi::new(Timestamp::UNIX_EPOCH);
        again.restore(read(&path).expect("readable"));
        let first = again.object("ConfigMap", "n", "first");
        assert_eq!(first, api.object("ConfigMap", "n", "first"));
        assert_eq!(again.object("Event", "n", "e"), None);
        let second = again.create(map("second")).expect("created");
        let metadata = |object: &Value, field: &str| object["metadata"][field].clone();
        let first = first.expect("it is kept");
        assert_ne!(metadata(&first, "uid"), metadata(&second, "uid"));
        assert_ne!(
            metadata(&first, "resourceVersion"),
            metadata(&second, "resourceVersion")
        );
    }
    #[tokio::test]
    async fn what_could_not_be_kept_at_the_end_is_told() {
        let root = tempfile::TempDir::new().expect("a directory");
        let nowhere = root.path().join("gone/objects.json");
        let keeper = Keeper::start(nowhere, LocalApi::new(Timestamp::UNIX_EPOCH));
        let told = keeper.stop().await.expect_err("there is no such directory");
        assert!(
            format!("{told:#}").contains("were not kept: cannot write"),
            "{told:#}"
        );
    }
}
