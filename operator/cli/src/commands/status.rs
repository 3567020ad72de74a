//! `millrace status`: how the fleet on this machine stands.

use anyhow::Result;

use crate::args::Format;
use crate::commands::up::Place;
use crate::fleet::running::Running;
use crate::fleet::screen::Summary;
use crate::output::say;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(format: Format, args: Args) -> Result<()> {
    let directory = args.place.directory()?;
    let running = Running::find(&directory)?;
    let objects = running.objects().await?;
    let api = running.run.api.to_string();
    let summary = Summary::of(&directory, running.run.pid, api, &objects);
    match format {
        Format::Table => say(&summary.report())?,
        Format::Json => say(&serde_json::to_string(&summary)?)?,
    }
    Ok(())
}
