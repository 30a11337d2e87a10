//! Opens connections: with or without TLS, with the URL's password or an IAM token.

use std::{pin::Pin, sync::Arc};

use deadpool_postgres::Connect;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use secrecy::ExposeSecret as _;
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Config, Connection, Error, NoTls, Socket, config::SslMode, error::SqlState,
    tls::TlsStream,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::iam::{IamError, IamTokens};

/// These sign the certificates of RDS Proxy. RDS itself and other servers use other roots:
/// `DATABASE_CA_FILE`.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// Opens connections to one database.
#[derive(Clone)]
pub struct Connector {
    pub(super) config: Config,
    tls: Option<MakeRustlsConnect>,
    iam: Option<Arc<IamTokens>>,
}

/// The text holds no usable certificate.
#[derive(Debug, thiserror::Error)]
#[error("holds no PEM certificates")]
pub struct NoRoots;

impl Connector {
    /// Without TLS: for a database on this machine.
    pub fn in_the_clear(mut config: Config) -> Self {
        config.ssl_mode(SslMode::Disable);
        Self { config, tls: None, iam: None }
    }

    /// With TLS. The server's certificate must name the host and be signed by one of these roots
    /// (PEM), or by one of Amazon's if `roots` is `None`. No mode checks less.
    pub fn with_tls(mut config: Config, roots: Option<&[u8]>) -> Result<Self, NoRoots> {
        config.ssl_mode(SslMode::Require);
        let mut trusted = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(roots.unwrap_or(AMAZON_ROOTS)) {
            trusted.add(root.map_err(|_| NoRoots)?).map_err(|_| NoRoots)?;
        }
        if trusted.is_empty() {
            return Err(NoRoots);
        }
        // The AWS SDK uses the same provider; a second one would double the linked code.
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for TLS 1.2 and 1.3")
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Self { config, tls: Some(MakeRustlsConnect::new(tls)), iam: None })
    }

    /// With IAM tokens as the password.
    #[must_use]
    pub(crate) fn with_iam(mut self, tokens: IamTokens) -> Self {
        self.iam = Some(Arc::new(tokens));
        self
    }

    pub fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Call before [`Connector::open`]: renews the IAM token if it has to be.
    pub(super) async fn prepare(&self) -> Result<(), IamError> {
        match &self.iam {
            Some(tokens) => tokens.renew().await,
            None => Ok(()),
        }
    }

    /// Opens a connection; the task serves it until the client is dropped.
    pub(super) async fn open(&self, config: &Config) -> Result<(Client, JoinHandle<()>), Error> {
        let mut config = config.clone();
        if let Some(token) = self.iam.as_ref().and_then(|tokens| tokens.password()) {
            config.password(token.expose_secret());
        }
        let opened = match &self.tls {
            Some(tls) => config.connect(tls.clone()).await.map(serve),
            None => config.connect(NoTls).await.map(serve),
        };
        if let (Some(tokens), Err(error)) = (&self.iam, &opened)
            && is_refusal(error)
        {
            // The credentials may have changed since: the next connection gets a new token.
            tokens.forget();
        }
        opened
    }

    pub(super) fn has_iam(&self) -> bool {
        self.iam.is_some()
    }
}

fn is_refusal(error: &Error) -> bool {
    let refusals = [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION];
    error.code().is_some_and(|code| refusals.contains(code))
}

/// Errors of the connection surface on the pending query.
fn serve<S>((client, connection): (Client, Connection<Socket, S>)) -> (Client, JoinHandle<()>)
where
    S: TlsStream + Unpin + Send + 'static,
{
    let task = tokio::spawn(async move {
        let _ = connection.await;
    });
    (client, task)
}

impl Connect for Connector {
    fn connect(
        &self,
        config: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move { self.open(&config).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazons_five_roots_are_embedded() {
        let roots = CertificateDer::pem_slice_iter(AMAZON_ROOTS);
        let roots: Vec<_> = roots.collect::<Result<_, _>>().unwrap();
        assert_eq!(roots.len(), 5);
        let names = [
            "Amazon Root CA 1",
            "Amazon Root CA 2",
            "Amazon Root CA 3",
            "Amazon Root CA 4",
            "Starfield Services Root Certificate Authority - G2",
        ];
        for (root, name) in roots.iter().zip(names) {
            assert!(root.windows(name.len()).any(|part| part == name.as_bytes()), "{name}");
        }
        assert!(Connector::with_tls(Config::new(), None).is_ok());
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        for roots in
            ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        {
            assert!(Connector::with_tls(Config::new(), Some(roots.as_bytes())).is_err(), "{roots}");
        }
    }
}
