//! Ports on the loopback interface.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

/// A port that nobody listens on at this moment. Somebody else may take it before you do.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether somebody listens on the port already.
pub fn is_taken(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // Both ways: macOS lets us bind beside a listener on all addresses, and a full
    // backlog refuses connections.
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
        || TcpListener::bind(address).is_err()
}
