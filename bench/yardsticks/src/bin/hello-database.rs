//! A function that connects to PostgreSQL when it starts, and runs one statement for each request.
//! What it costs more than `hello` is the cost of a connection, and of the client for a statement.

use std::{fs, sync::Arc};

use lambda_http::{Error, Request, run, service_fn};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres::{Client, Config, NoTls, types::Type};
use tokio_postgres_rustls::MakeRustlsConnect;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = connect().await?;
    let client = &client;
    run(service_fn(async move |_: Request| {
        let rows = client.query_typed("SELECT $1", &[(&"Hello, world!", Type::TEXT)]).await?;
        Ok::<_, Error>(rows[0].get::<_, String>(0))
    }))
    .await
}

#[expect(clippy::disallowed_methods, reason = "it has no settings but these two")]
async fn connect() -> Result<Client, Error> {
    let config: Config = std::env::var("DATABASE_URL")?.parse()?;
    let Ok(authority) = std::env::var("DATABASE_CA_FILE") else {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        return Ok(client);
    };
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&fs::read(authority)?)?)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await?;
    tokio::spawn(connection);
    Ok(client)
}
