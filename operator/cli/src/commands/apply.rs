//! `millrace apply`: changes the fleet that runs on this machine, and waits until the change is in force.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use kube::api::DynamicObject;
use kube::runtime::wait::await_condition;
use serde_json::Value;
use tokio::time::timeout;

use crate::args::Format;
use crate::commands::up::{Place, checked};
use crate::fleet::apply::{Applied, apply, of_kind};
use crate::fleet::manifests::{KINDS, Source};
use crate::fleet::progress::Progress;
use crate::fleet::running::Running;
use crate::fleet::standing::Standing;
use crate::output::Rows;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Resources to apply, `-` for standard input; may be repeated
    #[arg(short, long, required = true)]
    file: Vec<PathBuf>,
    /// Seconds after which it waits no longer until what is stored is in force
    #[arg(long, default_value_t = 120)]
    wait_limit: u64,
    /// Return as soon as the resources are stored
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(format: Format, args: Args) -> Result<()> {
    let directory = args.place.directory()?;
    let running = Running::find(&directory)?;
    let sources: Vec<Source> = args.file.into_iter().map(Source::of).collect();
    let existing = running.objects().await?;
    let mut progress = Progress::aside(format);
    let manifests = checked(format, &sources, &existing, &progress).await?;
    let applied = apply(&running.client, manifests).await?;
    let mut rows = Rows::new(&["kind", "namespace", "name", "result", "state"]);
    let mut stalled = 0;
    for one in applied {
        let state = match args.no_wait {
            true => String::new(),
            false => {
                progress.step(&format!("waiting for {} {}", one.kind, one.name));
                let limit = Duration::from_secs(args.wait_limit);
                let standing = timeout(limit, in_force(&running, &one)).await;
                let standing = standing.with_context(|| not_yet(&one, limit))??;
                stalled += usize::from(standing.as_ref().is_some_and(|one| one.stalled));
                standing.map_or_else(String::new, |one| state(&one))
            }
        };
        rows.push(vec![
            one.kind.into(),
            one.namespace.into(),
            one.name.into(),
            one.change.to_string().into(),
            state.into(),
        ]);
    }
    progress.end();
    rows.print(format)?;
    match stalled {
        0 => Ok(()),
        1 => bail!("one resource is stored, but cannot be brought into force"),
        more => bail!("{more} resources are stored, but cannot be brought into force"),
    }
}

fn not_yet(applied: &Applied, limit: Duration) -> String {
    format!(
        "{} {} is stored, but not in force after {} s: see `millrace status`",
        applied.kind,
        applied.name,
        limit.as_secs()
    )
}

fn state(standing: &Standing) -> String {
    match standing.ready {
        true => "ready".to_owned(),
        false => standing.why(),
    }
}

/// Waits until a resource is in force or will not be; `None` for kinds that simply are.
async fn in_force(running: &Running, applied: &Applied) -> Result<Option<Standing>> {
    if !matches!(applied.kind.as_str(), "KafkaCluster" | "KafkaTopic") {
        return Ok(None);
    }
    let kind = KINDS.iter().find(|kind| kind.kind == applied.kind);
    let kind = kind.context("the kind is served")?;
    let api = of_kind(&running.client, kind, &applied.namespace);
    let settled = |object: Option<&DynamicObject>| {
        let value = object.and_then(|object| serde_json::to_value(object).ok());
        value.is_none_or(|value| {
            let standing = Standing::of(&value);
            standing.ready || standing.stalled || value["spec"]["paused"] == true
        })
    };
    let object = await_condition(api, &applied.name, settled).await?;
    let mut object: Value = match object {
        Some(object) => serde_json::to_value(object)?,
        None => bail!("{} {} was deleted meanwhile", applied.kind, applied.name),
    };
    object["kind"] = applied.kind.as_str().into();
    Ok(Some(Standing::of(&object)))
}
