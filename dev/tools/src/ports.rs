//! Ports on the loopback interface.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

/// A port that is free now. Another program may take it before the caller does.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether a program listens on the port.
pub fn is_taken(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // Both checks: macOS allows binding next to a listener on all addresses, and a listener with a
    // full backlog refuses connections.
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
        || TcpListener::bind(address).is_err()
}
