//! Watches as checks see them: one event after the other, with a limit on how long to wait for it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::BytesMut;
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;
use tokio::time::timeout;

use crate::answer::text;
use crate::ground::Ground;

/// No event takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Watching {
    body: Body,
    read: BytesMut,
}

impl Watching {
    pub(crate) async fn begin(ground: &Ground, path: &str) -> Result<Self> {
        Ok(Self {
            body: ground.stream(path).await?,
            read: BytesMut::new(),
        })
    }

    /// The next event, bookmarks too; `None` when the watch is over.
    pub(crate) async fn next(&mut self) -> Result<Option<Value>> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line = self.read.split_to(end + 1);
                return serde_json::from_slice(&line)
                    .map(Some)
                    .context("a line of JSON");
            }
            let frame = timeout(PATIENCE, self.body.frame())
                .await
                .context("no event came")?;
            match frame {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(data) = frame?.into_data() {
                        self.read.extend_from_slice(&data);
                    }
                }
            }
        }
    }

    /// The next event that is no bookmark: its type and the object's name.
    pub(crate) async fn change(&mut self) -> Result<(String, String)> {
        while let Some(event) = self.next().await? {
            if event["type"] != "BOOKMARK" {
                return Ok((
                    text(&event["type"]).to_owned(),
                    text(&event["object"]["metadata"]["name"]).to_owned(),
                ));
            }
        }
        bail!("the watch ended")
    }

    /// The next event must be this one.
    pub(crate) async fn expect(&mut self, kind: &str, name: &str) -> Result<()> {
        let found = self.change().await?;
        if found != (kind.to_owned(), name.to_owned()) {
            bail!("{found:?} came instead of {kind} {name}");
        }
        Ok(())
    }
}
