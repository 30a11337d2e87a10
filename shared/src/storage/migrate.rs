//! Brings the schema up to date: migrations, indexes, functions.

use std::time::Duration;

use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_postgres::Client;

use super::{connector::Connector, functions, iam::IamError};

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// Indexes on tables that may be large. PostgreSQL builds them while others write, which it cannot
/// do in a transaction. Each file is one `CREATE INDEX CONCURRENTLY IF NOT EXISTS` and named after
/// its index.
const INDEXES: [(&str, &str); 7] = [
    ("accounts_active", include_str!("../../../migrations/indexes/accounts_active.sql")),
    ("accounts_pending", include_str!("../../../migrations/indexes/accounts_pending.sql")),
    ("attempts_by_email", include_str!("../../../migrations/indexes/attempts_by_email.sql")),
    ("codes_by_age", include_str!("../../../migrations/indexes/codes_by_age.sql")),
    ("codes_by_not_me", include_str!("../../../migrations/indexes/codes_by_not_me.sql")),
    ("codes_of_account", include_str!("../../../migrations/indexes/codes_of_account.sql")),
    (
        "idempotency_keys_by_claim",
        include_str!("../../../migrations/indexes/idempotency_keys_by_claim.sql"),
    ),
];

/// While a statement waits for a table lock, every later statement on that table waits behind it.
const TIMEOUTS: &str = "-c lock_timeout=5s -c statement_timeout=5min";

/// A concurrent build waits for every older transaction but blocks none. Long enough for any table,
/// but not forever.
const INDEX_TIMEOUTS: &str = "SET lock_timeout = 0; SET statement_timeout = '2h'";

/// A host that drops packets would otherwise delay a deployment by 15 minutes.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// How long to wait for another migration of the same database. The next deployment tries again.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a deployed function tries to connect. In a first deployment its role and network are
/// minutes old, and changes in IAM reach a database after CloudFormation has finished.
const IAM_PATIENCE: Duration = Duration::from_mins(1);

/// The wait between two attempts to connect.
const IAM_PAUSE: Duration = Duration::from_secs(2);

/// Held while the schema changes. The number is arbitrary; no other program may lock it here.
const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(7471102)";

/// False for the index that a failed build left: every write updates it, but no query uses it.
const IS_VALID: &str = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)";

/// What `migrate` changed.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Migrated {
    /// The migrations that were missing, in order.
    pub applied: Vec<String>,
    /// The indexes that were missing, or left invalid.
    pub indexes: Vec<String>,
    /// The schema of this build's functions, if it was missing.
    pub functions: Option<String>,
    /// The removed schemas of builds that were unused for 30 days.
    pub removed: Vec<String>,
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("cannot connect to the database")]
    Connect(#[from] tokio_postgres::Error),
    /// The database accepted the connection, then did not respond.
    #[error("the database does not respond")]
    Silent,
    /// IAM authentication failed.
    #[error("cannot connect to the database")]
    Iam(#[from] IamError),
    #[error("another migration of this database is still at work: try again when it has ended")]
    Busy,
    /// A migration failed, or one that was applied earlier has changed.
    #[error("a migration failed")]
    Migration(#[from] refinery::Error),
    /// An index could not be built. The next run drops what it left.
    #[error("the index {0} could not be built")]
    Index(&'static str, #[source] tokio_postgres::Error),
    #[error("the functions could not be installed or removed")]
    Functions(#[source] tokio_postgres::Error),
}

/// Applies missing migrations, each in its own transaction, builds missing indexes, installs the
/// functions of this build, and removes those of builds that were unused for 30 days. Safe to run
/// concurrently: the second run waits, then finds nothing to do, or gives up after 30 seconds.
pub async fn migrate(database: &Connector) -> Result<Migrated, MigrateError> {
    migrate_within(database, PATIENCE).await
}

/// The same with another limit on the wait for a concurrent migration.
pub async fn migrate_within(
    database: &Connector,
    patience: Duration,
) -> Result<Migrated, MigrateError> {
    let (mut client, connection) = open(database).await?;
    let migrated = bring_up_to_date(&mut client, patience).await;
    // The lock ends with the connection, and the next migration must not have to wait for it.
    drop(client);
    let _ = connection.await;
    migrated
}

/// Opens a connection. With IAM, tries for a minute.
async fn open(database: &Connector) -> Result<(Client, JoinHandle<()>), MigrateError> {
    let mut config = database.config.clone();
    config.options(TIMEOUTS);
    let started = Instant::now();
    loop {
        database.prepare().await?;
        let failure = match timeout(CONNECT_DEADLINE, database.open(&config)).await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(error)) => MigrateError::Connect(error),
            Err(_) => MigrateError::Silent,
        };
        if !database.has_iam() || started.elapsed() >= IAM_PATIENCE {
            return Err(failure);
        }
        sleep(IAM_PAUSE).await;
    }
}

async fn bring_up_to_date(
    client: &mut Client,
    patience: Duration,
) -> Result<Migrated, MigrateError> {
    lock(client, patience).await?;
    // After a rollback the database has migrations that this binary does not know. They suit it, so
    // they stay.
    let runner = embedded::migrations::runner().set_abort_missing(false);
    let report = runner.run_async(client).await?;
    let applied = report.applied_migrations().iter().map(ToString::to_string).collect();
    client.batch_execute(INDEX_TIMEOUTS).await?;
    let mut indexes = Vec::new();
    for (name, statement) in INDEXES {
        let built = build(client, name, statement).await;
        if built.map_err(|error| MigrateError::Index(name, error))? {
            indexes.push(name.to_owned());
        }
    }
    let functions = functions::install(client).await.map_err(MigrateError::Functions)?;
    let removed = functions::remove_unused(client).await.map_err(MigrateError::Functions)?;
    Ok(Migrated { applied, indexes, functions, removed })
}

/// Polls for the lock: a session that waits for it inside the database holds a snapshot, and a
/// concurrent index build waits for that snapshot. The two would deadlock.
async fn lock(client: &Client, patience: Duration) -> Result<(), MigrateError> {
    let started = Instant::now();
    while !client.query_one(TRY_LOCK, &[]).await?.get::<_, bool>(0) {
        if started.elapsed() >= patience {
            return Err(MigrateError::Busy);
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Builds an index unless a valid one exists. Returns whether it built one.
async fn build(
    client: &Client,
    name: &str,
    statement: &str,
) -> Result<bool, tokio_postgres::Error> {
    let is_valid = client.query_opt(IS_VALID, &[&name]).await?.map(|row| row.get::<_, bool>(0));
    if is_valid == Some(true) {
        return Ok(false);
    }
    if is_valid == Some(false) {
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY {name}")).await?;
    }
    client.batch_execute(statement).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_built_under_its_own_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/indexes");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        assert_eq!(files, INDEXES.map(|(name, _)| name));
        for (name, statement) in INDEXES {
            let head = format!("CREATE INDEX CONCURRENTLY IF NOT EXISTS {name}\n");
            assert!(statement.contains(&head), "{name}: {statement}");
        }
    }
}
