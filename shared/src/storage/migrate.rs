//! Brings the schema up to date.

use super::{connector::Connector, iam::IamError};

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database could not be reached.
    #[error("cannot connect to the database")]
    Connect(#[from] tokio_postgres::Error),
    /// The database would not know us.
    #[error("cannot connect to the database")]
    Iam(#[from] IamError),
    /// A migration failed, or one that ran before was changed or removed.
    #[error("a migration failed")]
    Migration(#[from] refinery::Error),
}

/// Applies the migrations that are missing, each in a transaction of its own.
pub async fn migrate(connector: &Connector) -> Result<(), MigrateError> {
    connector.prepare().await?;
    let mut config = connector.config.clone();
    // Whoever waits for a lock makes everybody else wait behind it.
    config.options("-c lock_timeout=5s -c statement_timeout=5min");
    let (mut client, connection) = connector.open(&config).await?;
    embedded::migrations::runner().run_async(&mut client).await?;
    drop(client);
    // Whoever migrates may end now: let PostgreSQL hear that we left.
    let _ = connection.await;
    Ok(())
}
