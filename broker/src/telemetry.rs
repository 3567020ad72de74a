//! Logs: text for people, JSON for programs, levels from `RUST_LOG`.

use tracing_subscriber::EnvFilter;

use crate::args::LogFormat;
use crate::settings::Settings;

const DEFAULT_FILTER: &str = "info,openraft=warn";

/// Starts logging to standard error.
pub(crate) fn start(settings: &Settings, format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| DEFAULT_FILTER.into());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Json => subscriber.json().init(),
        LogFormat::Text => subscriber.with_ansi(false).init(),
    }
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
}
