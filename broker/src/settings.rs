//! The broker's settings, from file and command line to what they mean.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};
use millrace_config::providers::{self, SystemSources};
use millrace_config::{BrokerConfig, BrokerLayers, RawConfig, Warning, reference};

use crate::args::Args;

pub(crate) struct Settings {
    pub(crate) raw: Arc<RawConfig>,
    pub(crate) config: BrokerConfig,
    pub(crate) warnings: Vec<Warning>,
}

/// # Errors
/// One error that names everything that cannot be used.
pub(crate) fn read(args: &Args) -> Result<Settings> {
    let mut raw = match &args.config {
        None => RawConfig::built_in(),
        Some(path) => {
            let name = path.display().to_string();
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
            let mut raw = RawConfig::default();
            raw.add_file(&name, &text)?;
            raw
        }
    };
    for (key, value) in &args.settings {
        raw.add_argument(&format!("{key}={value}"))?;
    }
    providers::resolve(&mut raw, &SystemSources)?;
    let (config, warnings) = BrokerConfig::from_raw(&raw)?;
    Ok(Settings {
        raw: Arc::new(raw),
        config,
        warnings,
    })
}

#[expect(clippy::print_stdout, reason = "this is what --print-config asks for")]
pub(crate) fn print(raw: &RawConfig) {
    print!("{}", reference::print(&BrokerLayers::at_start(raw)));
}
