//! Whether the ports that a container wants are free, and what its user can do when they are not.

use std::io::ErrorKind;
use std::net::TcpListener;

/// What cannot be had of these ports, with the fix; `None` when all can.
pub(crate) fn trouble(address: &str, ports: &[u16]) -> Option<String> {
    ports.iter().find_map(|&port| {
        let error = TcpListener::bind((address, port)).err()?;
        Some(match error.kind() {
            ErrorKind::AddrInUse => format!(
                "{address}:{port} is taken by another process; stop that one, or choose another port or address"
            ),
            ErrorKind::AddrNotAvailable => format!(
                "{address} is not an address of this machine; add it to its loopback interface"
            ),
            _ => format!("cannot listen on {address}:{port}: {error}"),
        })
    })
}
