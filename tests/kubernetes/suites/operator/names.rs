//! Names of the cluster's DNS, for clients that stand outside of it.

use std::io;
use std::net::IpAddr;
use std::process::Stdio;

use futures::future::BoxFuture;
use millrace_client::{PlainTcp, Stream, Transport};
use tokio::process::Command;

/// Where the lab's name server listens, for pods and for its host.
const NAME_SERVER: &str = "10.67.0.1";

/// Plain TCP to names that only the cluster knows. Asks anew for each connection: pods move.
pub(crate) struct ClusterNames;

impl Transport for ClusterNames {
    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let address = resolve(host).await?.to_string();
            PlainTcp.connect(&address, port).await
        })
    }
}

async fn resolve(host: &str) -> io::Result<IpAddr> {
    if let Ok(address) = host.parse() {
        return Ok(address);
    }
    let asked = Command::new("timeout")
        .args(["10", "busybox", "nslookup", host, NAME_SERVER])
        .stdin(Stdio::null())
        .output()
        .await?;
    let answer = String::from_utf8_lossy(&asked.stdout);
    // The server's own address comes first, and carries its port.
    let found = answer.lines().rev().find_map(|line| {
        let (_, address) = line.split_once("Address: ")?;
        address.trim().parse().ok()
    });
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no address of {host}")))
}
