//! RDS Proxy on the wire: speaks TLS, takes IAM tokens as passwords, and nothing else.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::SharedCredentialsProvider;
use chrono::NaiveDateTime;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_postgres::{Config, config::Host};
use tokio_rustls::TlsAcceptor;

use super::{Authority, credentials};
use crate::storage::IamTokens;

const SSL_REQUEST: u32 = 80_877_103;

/// A proxy before a server: a client with a token of a role is connected as that role.
pub struct FakeRdsProxy {
    authority: Authority,
    door: Arc<Door>,
}

struct Door {
    server: Config,
    endpoint: String,
    shown: Mutex<Vec<String>>,
}

impl FakeRdsProxy {
    /// Starts one before this server.
    pub async fn before(server: Config) -> Self {
        let authority = Authority::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = listener.local_addr().expect("it is bound").to_string();
        let door = Arc::new(Door { server, endpoint, shown: Mutex::default() });
        let tls = acceptor(&authority);
        let accepting = Arc::clone(&door);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (door, tls) = (Arc::clone(&accepting), tls.clone());
                tokio::spawn(async move { door.serve(client, tls).await });
            }
        });
        Self { authority, door }
    }

    /// How a function reaches it as this role.
    pub fn url(&self, role: &str) -> String {
        let database = self.door.server.get_dbname().unwrap_or("postgres");
        format!("postgres://{role}@{}/{database}?sslmode=require", self.door.endpoint)
    }

    /// Who signed its certificate: `DATABASE_CA_FILE`.
    pub fn ca_file(&self) -> &str {
        self.authority.file().to_str().expect("an ordinary path")
    }

    /// Every password that it was shown.
    pub fn shown(&self) -> Vec<String> {
        self.door.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn acceptor(authority: &Authority) -> TlsAcceptor {
    let shown = authority.certifies("127.0.0.1");
    let certificate = CertificateDer::from_pem_slice(shown.certificate.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has suites")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("PEM")], key.expect("PEM"))
        .expect("they belong together");
    TlsAcceptor::from(Arc::new(config))
}

impl Door {
    async fn serve(&self, mut client: TcpStream, tls: TlsAcceptor) -> io::Result<()> {
        // It does not answer a client without TLS.
        let request = (client.read_u32().await?, client.read_u32().await?);
        if request != (8, SSL_REQUEST) {
            return Ok(());
        }
        client.write_all(b"S").await?;
        let mut client = tls.accept(client).await?;

        let start_up = read_message(&mut client).await?;
        // Authentication in clear text, which TLS makes safe.
        client.write_all(b"R\0\0\0\x08\0\0\0\x03").await?;
        client.flush().await?;
        if client.read_u8().await? != b'p' {
            return Ok(());
        }
        let password = read_message(&mut client).await?;
        let password = String::from_utf8_lossy(&password).trim_end_matches('\0').to_owned();
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(password.clone());
        if !self.is_token(&password, &user_of(&start_up)) {
            let refusal = b"SFATAL\0C28P01\0MThe IAM authentication failed\0\0";
            client.write_all(b"E").await?;
            client.write_u32(u32::try_from(refusal.len()).unwrap_or_default() + 4).await?;
            client.write_all(refusal).await?;
            return client.shutdown().await;
        }
        self.forward(&mut client, &start_up).await
    }

    /// Whether it is the very token that our credentials sign for this role, and still good.
    fn is_token(&self, password: &str, role: &str) -> bool {
        let signed_at = password
            .split('&')
            .find_map(|part| part.strip_prefix("X-Amz-Date="))
            .and_then(|date| NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").ok())
            .map(|date| SystemTime::from(date.and_utc()));
        let Some(signed_at) = signed_at else { return false };
        let tokens = IamTokens {
            credentials: SharedCredentialsProvider::new(credentials()),
            region: "eu-west-1".to_owned(),
            user: role.to_owned(),
            endpoint: self.endpoint.clone(),
            current: Mutex::default(),
        };
        let expected = tokens.sign(&credentials(), signed_at).expect("it can be signed");
        password == expected && signed_at + Duration::from_mins(15) > SystemTime::now()
    }

    /// The server trusts every client of its socket: the role is the one in the start-up message.
    async fn forward(
        &self,
        client: &mut (impl AsyncRead + AsyncWrite + Unpin),
        start_up: &[u8],
    ) -> io::Result<()> {
        let port = self.server.get_ports().first().copied().unwrap_or(5432);
        let length = u32::try_from(start_up.len()).unwrap_or_default() + 4;
        match &self.server.get_hosts()[0] {
            Host::Unix(folder) => {
                let path = folder.join(format!(".s.PGSQL.{port}"));
                let mut server = UnixStream::connect(path).await?;
                server.write_u32(length).await?;
                server.write_all(start_up).await?;
                copy_bidirectional(client, &mut server).await.map(drop)
            }
            Host::Tcp(host) => {
                let mut server = TcpStream::connect((host.as_str(), port)).await?;
                server.write_u32(length).await?;
                server.write_all(start_up).await?;
                copy_bidirectional(client, &mut server).await.map(drop)
            }
        }
    }
}

/// The body of a message without a type: its length comes first, and counts itself.
async fn read_message(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = stream.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

fn user_of(start_up: &[u8]) -> String {
    // The version, then names and values in turn, each ended by a zero.
    let mut words = start_up[4..].split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let mut parameters = HashMap::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        parameters.insert(name.into_owned(), value.into_owned());
    }
    parameters.remove("user").unwrap_or_default()
}
