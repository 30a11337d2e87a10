//! A proxy before PostgreSQL that counts what goes over the wire, and can hang or hang up.

use std::{
    future::pending,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};
use tokio_postgres::{Config, config::Host};

/// What went over the wire since the proxy started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Statements that were executed.
    pub statements: u64,
    /// How often the client waited for the server.
    pub round_trips: u64,
    /// Checks whether an idle connection is still alive. They depend on time, not on what a
    /// request does, so they count nowhere else.
    pub checks: u64,
    /// Connections that were made.
    pub connections: u64,
    /// Statements that were given a name: they would pin a connection of RDS Proxy.
    pub named: u64,
}

/// A proxy before a server.
pub struct Wire {
    counters: Arc<Counters>,
    cut: watch::Sender<u64>,
    silence: watch::Sender<u64>,
    /// `host:port`.
    pub address: String,
}

#[derive(Default)]
struct Counters {
    statements: AtomicU64,
    round_trips: AtomicU64,
    checks: AtomicU64,
    connections: AtomicU64,
    named: AtomicU64,
}

impl Wire {
    /// Starts one before this server.
    pub async fn before(server: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let (cut, _) = watch::channel(0);
        let (silence, _) = watch::channel(0);
        let wire =
            Self { counters: Arc::default(), cut: cut.clone(), silence: silence.clone(), address };
        let counters = Arc::clone(&wire.counters);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counters.connections.fetch_add(1, Ordering::Relaxed);
                let (server, counters) = (server.clone(), Arc::clone(&counters));
                let (mut cut, mut silence) = (cut.subscribe(), silence.subscribe());
                tokio::spawn(async move {
                    let mut forwarding = pin!(forward(client, &server, &counters));
                    tokio::select! {
                        () = &mut forwarding => {}
                        _ = cut.changed() => {}
                        // Both ends stay open, and nothing comes through any more.
                        _ = silence.changed() => pending().await,
                    }
                });
            }
        });
        wire
    }

    /// What went through so far.
    pub fn traffic(&self) -> Traffic {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Traffic {
            statements: read(&self.counters.statements),
            round_trips: read(&self.counters.round_trips),
            checks: read(&self.counters.checks),
            connections: read(&self.counters.connections),
            named: read(&self.counters.named),
        }
    }

    /// Ends every connection that is open now.
    pub fn cut(&self) {
        self.cut.send_modify(|cuts| *cuts += 1);
    }

    /// Lets every connection that is open now die without a word, as in a frozen function.
    pub fn falls_silent(&self) {
        self.silence.send_modify(|times| *times += 1);
    }
}

async fn forward(client: TcpStream, server: &Config, counters: &Counters) {
    let port = server.get_ports().first().copied().unwrap_or(5432);
    match &server.get_hosts()[0] {
        Host::Tcp(host) => {
            if let Ok(server) = TcpStream::connect((host.as_str(), port)).await {
                let (from_server, to_server) = server.into_split();
                join(client, from_server, to_server, counters).await;
            }
        }
        Host::Unix(folder) => {
            if let Ok(server) = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await {
                let (from_server, to_server) = server.into_split();
                join(client, from_server, to_server, counters).await;
            }
        }
    }
}

async fn join(
    client: TcpStream,
    mut from_server: impl AsyncRead + Unpin,
    to_server: impl AsyncWrite + Unpin,
    counters: &Counters,
) {
    let (from_client, mut to_client) = client.into_split();
    tokio::select! {
        _ = count(from_client, to_server, counters) => {}
        _ = copy(&mut from_server, &mut to_client) => {}
    }
}

/// Forwards the client's messages (PostgreSQL's frontend protocol 3) and counts them.
async fn count(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    counters: &Counters,
) -> std::io::Result<()> {
    // The start-up message has no type.
    let length = client.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    client.read_exact(&mut body).await?;
    server.write_u32(length).await?;
    server.write_all(&body).await?;
    let mut is_check = false;
    loop {
        let kind = client.read_u8().await?;
        let length = client.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body).await?;
        let add = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        match kind {
            b'P' => {
                is_check = body.starts_with(b"\0SELECT 1\0");
                if body.first() != Some(&0) {
                    add(&counters.named);
                }
            }
            b'E' if is_check => drop(add(&counters.checks)),
            b'E' => drop(add(&counters.statements)),
            b'S' if !is_check => drop(add(&counters.round_trips)),
            b'Q' => {
                add(&counters.statements);
                add(&counters.round_trips);
            }
            _ => {}
        }
        server.write_u8(kind).await?;
        server.write_u32(length).await?;
        server.write_all(&body).await?;
        server.flush().await?;
    }
}
