//! A fleet that another process runs, as the commands that act on it find it.

use anyhow::{Context as _, Result, anyhow};
use kube::api::{Api, DynamicObject, ListParams};
use kube::{Client, Config};
use serde_json::Value;

use crate::fleet::apply::resource;
use crate::fleet::directory::{DataDirectory, Run};
use crate::fleet::manifests::{KINDS, UserKind};

/// A fleet that runs, and how to ask it.
pub(crate) struct Running {
    pub(crate) run: Run,
    pub(crate) client: Client,
}

impl Running {
    /// The fleet of a directory.
    pub(crate) fn find(directory: &DataDirectory) -> Result<Self> {
        let run = directory.running()?.ok_or_else(|| {
            anyhow!(
                "no fleet runs in {}: start one with `millrace up`",
                directory.path().display()
            )
        })?;
        let address = format!("http://{}", run.api);
        let config = Config::new(address.parse().context("the address of the API")?);
        let client = Client::try_from(config).context("preparing the client")?;
        Ok(Self { run, client })
    }

    /// Everything of the kinds that users write.
    pub(crate) async fn objects(&self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for kind in KINDS {
            all.extend(self.of_kind(kind).await?);
        }
        Ok(all)
    }

    async fn of_kind(&self, kind: &UserKind) -> Result<Vec<Value>> {
        let resource = resource(kind);
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let list = api
            .list(&ListParams::default())
            .await
            .with_context(|| format!("listing {}", kind.plural))?;
        let objects = list.items.into_iter().map(|object| {
            let mut object = serde_json::to_value(object)?;
            // Items of a list do not say themselves what they are.
            object["apiVersion"] = kind.api_version.into();
            object["kind"] = kind.kind.into();
            Ok(object)
        });
        objects.collect()
    }
}
