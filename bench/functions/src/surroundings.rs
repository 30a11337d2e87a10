//! The surroundings of the functions, as in production: PostgreSQL and SES behind TLS.

use std::{collections::HashMap, sync::Arc};

use shared::{
    storage::{Connector, migrate},
    testing::{Authority, Certificate, FunctionProcess, TestDatabase, in_role},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_postgres::Config;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};
use tools::Postgres;
use world::World;

use crate::{
    binaries::Binaries,
    error::{BenchError, Outcome},
    kind::Kind,
};

/// What a function finds when it starts.
pub(crate) struct Surroundings {
    pub(crate) world: World,
    binaries: Binaries,
    authority: Authority,
    database_url: String,
    ses_url: String,
    _server: Postgres,
}

impl Surroundings {
    pub(crate) async fn new(binaries: Binaries) -> Outcome<Self> {
        let authority = Authority::default();
        let shown = authority.certifies("127.0.0.1");
        let server = Postgres::temporary_with_tls(&shown.certificate, &shown.key)?;
        let config: Config = server.url("postgres").parse().expect("our own URL");
        migrate(&Connector::in_the_clear(config.clone())).await.expect("our own migrations");
        let database = TestDatabase::connect(config).await;
        let socket = database.url();
        // A code outlives the requests before its own, however slow the machine is.
        let world = World::on(database, &socket, None, &[("CODE_LIFETIME_SECONDS", "3600")]).await;
        let port = server.tls_port().expect("it has one");
        let database_url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=require");
        let ses_url = behind_tls(world.ses.url(), &shown).await?;
        Ok(Self { world, binaries, authority, database_url, ses_url, _server: server })
    }

    /// Starts the function of this kind of request.
    pub(crate) async fn start(&self, kind: Kind) -> FunctionProcess {
        let binary = self.binaries.function(kind.function());
        FunctionProcess::start_unheard(&binary, &self.variables(kind)).await
    }

    fn variables(&self, kind: Kind) -> HashMap<String, String> {
        let role = match kind {
            Kind::Purge => "maintain",
            Kind::HelloDatabase | Kind::HelloMail => "activate",
            _ => kind.function(),
        };
        let mut variables = self.world.variables_with_aws(role);
        let authority = self.authority.file().to_string_lossy();
        let url = in_role(&self.database_url, role);
        for (name, value) in [
            ("DATABASE_URL", &*url),
            ("DATABASE_CA_FILE", &authority),
            ("AWS_ENDPOINT_URL_SESV2", &self.ses_url),
            // The authorities that the AWS SDK trusts.
            ("SSL_CERT_FILE", &authority),
            ("OPERATE_COMMANDS", "purge"),
            ("BENCH_FUNCTION", kind.function()),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        variables
    }
}

/// Serves this URL with TLS as well, and returns the new URL.
async fn behind_tls(url: &str, shown: &Certificate) -> Outcome<String> {
    let plain = url.trim_start_matches("http://").to_owned();
    let certificate = CertificateDer::from_pem_slice(shown.certificate.as_bytes()).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).expect("PEM");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has suites")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they belong together");
    let tls = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(BenchError::at("listen"))?;
    let address = listener.local_addr().map_err(BenchError::at("listen"))?;
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (tls, plain) = (tls.clone(), plain.clone());
            tokio::spawn(async move {
                let mut client = tls.accept(client).await?;
                let mut server = TcpStream::connect(plain).await?;
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    Ok(format!("https://{address}"))
}
