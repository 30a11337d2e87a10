//! Brings the schema up to date.

use tokio_postgres::{Config, NoTls};

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database could not be reached.
    #[error("cannot connect to the database")]
    Connect(#[from] tokio_postgres::Error),
    /// A migration failed, or one that ran before was changed or removed.
    #[error("a migration failed")]
    Migration(#[from] refinery::Error),
}

/// Applies the migrations that are missing, each in a transaction of its own.
pub async fn migrate(config: &Config) -> Result<(), MigrateError> {
    let mut config = config.clone();
    // Whoever waits for a lock makes everybody else wait behind it.
    config.options("-c lock_timeout=5s -c statement_timeout=5min");
    let (mut client, connection) = config.connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    embedded::migrations::runner().run_async(&mut client).await?;
    drop(client);
    connection.await.expect("nothing in the connection panics")?;
    Ok(())
}
