//! Brings the schema up to date.

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

/// Indexes on tables that may be large: built while others write, which no transaction can do.
/// Each file is one `CREATE INDEX CONCURRENTLY IF NOT EXISTS` of the index it is named after.
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

/// While a statement waits for a lock on a table, every later request for that table waits behind it.
const TIMEOUTS: &str = "-c lock_timeout=5s -c statement_timeout=5min";

/// A concurrent build waits for every transaction that is older than it, and makes nobody wait.
/// Long enough for any table, and not for ever.
const INDEX_TIMEOUTS: &str = "SET lock_timeout = 0; SET statement_timeout = '2h'";

/// A host that swallows packets would keep a deployment waiting for a quarter of an hour.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// How long to wait for another migration of the same database. The next deploy may come again.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a deployed function tries to connect. In a first deployment its role and its network are
/// minutes old, and what IAM knows reaches a database later than `CloudFormation`.
const IAM_PATIENCE: Duration = Duration::from_mins(1);

/// The wait between two tries.
const IAM_PAUSE: Duration = Duration::from_secs(2);

/// Held while the schema changes. Any number would do that no other program locks in this database.
const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(7471102)";

/// What a failed build has left: it is kept up to date at every write, and no query uses it.
const IS_VALID: &str = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)";

/// What has changed.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Migrated {
    /// The migrations that were missing, in order.
    pub applied: Vec<String>,
    /// The indexes that were missing, or left invalid.
    pub indexes: Vec<String>,
    /// The schema of this build's functions, if it was missing.
    pub functions: Option<String>,
    /// The schemas of builds that nothing has used for a month: they are gone.
    pub removed: Vec<String>,
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database could not be reached.
    #[error("cannot connect to the database")]
    Connect(#[from] tokio_postgres::Error),
    /// The database took the connection, and went no further.
    #[error("the database does not answer")]
    Silent,
    /// The database would not know us.
    #[error("cannot connect to the database")]
    Iam(#[from] IamError),
    /// Another migration holds the lock.
    #[error("another migration of this database is still at work: try again when it has ended")]
    Busy,
    /// A migration failed, or one that ran before was changed or removed.
    #[error("a migration failed")]
    Migration(#[from] refinery::Error),
    /// An index could not be built. What it leaves is dropped the next time.
    #[error("the index {0} could not be built")]
    Index(&'static str, #[source] tokio_postgres::Error),
    /// The functions of this build could not be installed, or old ones not be removed.
    #[error("the functions could not be installed or removed")]
    Functions(#[source] tokio_postgres::Error),
}

/// Applies the migrations that are missing, each in a transaction of its own, then builds the
/// indexes that are, installs the functions of this build, and removes those of builds that nothing
/// has used for a month. Two at once are safe: the second waits, and finds nothing to do, or gives up
/// after half a minute.
pub async fn migrate(database: &Connector) -> Result<Migrated, MigrateError> {
    migrate_within(database, PATIENCE).await
}

/// The same, waiting for another migration no longer than this.
pub async fn migrate_within(
    database: &Connector,
    patience: Duration,
) -> Result<Migrated, MigrateError> {
    let (mut client, connection) = open(database).await?;
    let migrated = bring_up_to_date(&mut client, patience).await;
    // The lock goes with the connection: whoever comes next must not have to wait for it.
    drop(client);
    let _ = connection.await;
    migrated
}

/// Opens a connection: at once, or with IAM within a minute.
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
    // A binary that is rolled back finds migrations that it does not know: they suit it, and stay.
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

/// Asks again and again: a session that waits inside the database has a snapshot, and a concurrent
/// index build waits for that. The two would wait for each other.
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

/// Builds an index unless it is there, whole. Tells whether it did.
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
