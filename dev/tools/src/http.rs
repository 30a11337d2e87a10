//! Just enough HTTP to ask a server on this machine whether it is up.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// How a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Everything after the headers.
    pub body: String,
}

/// Sends one request to a port of this machine, such as `("POST", "/register")`. `body` is JSON,
/// or empty; each header is a whole line.
pub fn send(
    port: u16,
    (method, path): (&str, &str),
    headers: &[&str],
    body: &str,
    patience: Duration,
) -> io::Result<Answer> {
    send_to((Ipv4Addr::LOCALHOST, port).into(), (method, path), headers, body, patience)
}

/// `GET`, for probes and tests.
pub fn get(port: u16, path: &str, patience: Duration) -> io::Result<Answer> {
    get_from((Ipv4Addr::LOCALHOST, port).into(), path, patience)
}

/// The same from another address of this machine.
pub fn get_from(address: SocketAddr, path: &str, patience: Duration) -> io::Result<Answer> {
    send_to(address, ("GET", path), &[], "", patience)
}

fn send_to(
    address: SocketAddr,
    (method, path): (&str, &str),
    headers: &[&str],
    body: &str,
    patience: Duration,
) -> io::Result<Answer> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(patience))?;
    connection.set_write_timeout(Some(patience))?;
    // HTTP/1.0, so that the answer ends with the connection and never comes in chunks.
    write!(
        connection,
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n{}\r\n{body}",
        body.len(),
        headers.iter().flat_map(|line| [*line, "\r\n"]).collect::<String>(),
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    parse(&answer).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer"))
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let answer = parse("HTTP/1.0 405 Method Not Allowed\r\nallow: POST\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (405, "{}"));
        assert!(parse("SSH-2.0-OpenSSH_9.2\r\n").is_none());
    }
}
