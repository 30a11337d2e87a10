//! As much of HTTP/1.1 as fakes on the wire need.

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// A request, as it came over the wire.
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

/// The next request of a connection; nothing when it has ended.
pub(super) async fn read_request(stream: &mut BufReader<TcpStream>) -> Option<Exchange> {
    let first = read_line(stream).await?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut length = 0;
    let mut is_chunked = false;
    loop {
        let line = read_line(stream).await?.to_lowercase();
        match line.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().ok()?,
            Some(("transfer-encoding", _)) => is_chunked = true,
            Some(_) => {}
            None => break,
        }
    }
    let body = if is_chunked { read_chunks(stream).await? } else { read(stream, length).await? };
    Some(Exchange { method, path, body })
}

/// Answers a request. `headers` are whole lines. Nothing when nobody listens any more.
pub(super) async fn write_answer(
    stream: &mut BufReader<TcpStream>,
    status: u16,
    headers: &str,
    body: impl AsRef<[u8]>,
) -> Option<()> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.get_mut().write_all(&[head.as_bytes(), body].concat()).await.ok()
}

async fn read_chunks(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&read_line(stream).await?, 16).ok()?;
        body.extend(read(stream, length).await?);
        read_line(stream).await?;
        if length == 0 {
            return Some(body);
        }
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}

async fn read(stream: &mut BufReader<TcpStream>, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}
