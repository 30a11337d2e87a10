//! Ports and addresses of this machine.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    time::Duration,
};

/// A port that is free now. Another program may take it before the caller does.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether a program listens on the port of this machine.
pub fn is_taken(port: u16) -> bool {
    is_taken_at(Ipv4Addr::LOCALHOST, port)
}

/// Whether a program listens on the port at this address of this machine.
pub fn is_taken_at(address: Ipv4Addr, port: u16) -> bool {
    let address = SocketAddr::from((address, port));
    // Both checks: macOS allows binding next to a listener on all addresses, and a listener with a
    // full backlog refuses connections.
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
        || TcpListener::bind(address).is_err()
}

/// Whether a server of this machine can listen at the address.
pub fn is_ours(address: Ipv4Addr) -> bool {
    TcpListener::bind((address, 0)).is_ok()
}

/// The address for connections from this machine, since 0.0.0.0 is only for listening.
pub fn reached(address: Ipv4Addr) -> Ipv4Addr {
    if address.is_unspecified() { Ipv4Addr::LOCALHOST } else { address }
}

/// This machine's address in its network, if it is in one.
pub fn network_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // This chooses our address for the route to other networks, and sends nothing: UDP has no
    // connections. The other address belongs to no machine (RFC 5737).
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        _ => None,
    }
}
