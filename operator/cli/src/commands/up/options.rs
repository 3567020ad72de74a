//! What `millrace up` is told. It reads nothing; it only says what can be said.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::Result;

use crate::fleet::directory::DataDirectory;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Resources to apply, `-` for standard input; may be repeated. Left out, what was applied before,
    /// or a small cluster with two topics
    #[arg(short, long)]
    pub(crate) file: Vec<PathBuf>,
    /// Return as soon as everything is ready, and let it run
    #[arg(short, long)]
    pub(super) detach: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    /// The first broker's address; the next ones have the next addresses
    #[arg(long, default_value = "127.0.0.1", value_parser = loopback_address)]
    pub(super) address: Ipv4Addr,
    /// Where `kubectl` connects; left out, 6750 or another one that is free
    #[arg(long)]
    pub(super) api_port: Option<u16>,
    /// Is told by the process that detaches this one
    #[arg(long, hide = true)]
    pub(super) detached: bool,
}

/// Which fleet is meant.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Place {
    /// Where everything is kept; left out, below the user's own data directory
    #[arg(long, env = "MILLRACE_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl Place {
    pub(crate) fn directory(&self) -> Result<DataDirectory> {
        DataDirectory::find(self.data_dir.as_deref())
    }
}

fn loopback_address(text: &str) -> Result<Ipv4Addr, String> {
    let address: Ipv4Addr = text
        .parse()
        .map_err(|_| "expected an address like 127.0.0.1")?;
    match address.is_loopback() {
        true => Ok(address),
        false => Err("only this machine's own addresses, 127.x.y.z, are served".to_owned()),
    }
}
