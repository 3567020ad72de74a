//! Free ports on loopback, chosen so that a stopped broker can have its own back.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

/// Below the range from which the kernel gives outgoing connections their ports: a client that
/// reconnects while its broker is down must not sit on the broker's port by chance.
const FIRST: u32 = 15_000;
const COUNT: u32 = 15_000;

/// Spreads test processes that run at the same time over the range.
const STRIDE: u32 = 37;

/// What one broker listens on.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub clients: u16,
    pub controller: u16,
    /// Metrics and health.
    pub http: u16,
}

impl Ports {
    pub fn free() -> Result<Self> {
        Ok(Self {
            clients: free_port()?,
            controller: free_port()?,
            http: free_port()?,
        })
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port nobody listens on now, and that this process has not handed out before.
pub fn free_port() -> Result<u16> {
    let start = std::process::id().wrapping_mul(STRIDE);
    (0..COUNT)
        .map(|_| start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT + FIRST)
        .filter_map(|port| u16::try_from(port).ok())
        .find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        .context("every port of the range is taken")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_handed_out_once() {
        assert_ne!(free_port().unwrap(), free_port().unwrap());
    }
}
