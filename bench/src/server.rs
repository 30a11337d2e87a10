//! The private PostgreSQL that holds all databases of one measurement.

use std::str::FromStr as _;

use tokio_postgres::{Client, Config, NoTls};
use tools::Postgres;

use crate::{
    error::{BenchError, Outcome},
    huge_pages::Permission,
};

/// As in production, except for the disk: the statistics exclude commits, which wait for it.
const SETTINGS: [&str; 17] = [
    "shared_preload_libraries=pg_stat_statements",
    // The cost of a function includes the statements that it runs.
    "pg_stat_statements.track=top",
    "pg_stat_statements.track_planning=on",
    // Would write a file when the server stops.
    "pg_stat_statements.save=off",
    "compute_query_id=on",
    "fsync=off",
    "full_page_writes=on",
    "wal_compression=off",
    // Rows that are inserted in the transaction that truncates their table need no WAL. Requests
    // write the same WAL as with `replica`.
    "wal_level=minimal",
    "max_wal_senders=0",
    "effective_cache_size=12GB",
    // No checkpoints but our own: after each, the next change of every page costs more.
    "max_wal_size=8GB",
    "checkpoint_timeout=1h",
    // For building indexes after filling.
    "maintenance_work_mem=512MB",
    "max_parallel_maintenance_workers=2",
    // None of the statements is expensive enough for JIT compilation.
    "jit=off",
    "log_min_messages=error",
];

/// A running server, and a connection to its statistics.
pub(crate) struct Server {
    postgres: Postgres,
    pub(crate) statistics: Client,
    /// Whether it uses huge pages, as on RDS.
    pub(crate) has_huge_pages: bool,
}

impl Server {
    pub(crate) async fn start(commits: usize) -> Outcome<Self> {
        // For each commit, a quarter of the memory of a medium-size database instance (16 GB).
        let shared_buffers = format!("shared_buffers={}GB", 4 * commits);
        let settings = [SETTINGS.as_slice(), &[shared_buffers.as_str()]].concat();
        let permission = Permission::give(commits);
        let postgres = Postgres::temporary_with(&settings)?;
        drop(permission);
        let statistics = connect(&postgres.url("postgres")).await?;
        statistics.batch_execute("CREATE EXTENSION pg_stat_statements").await?;
        let status = statistics.query_one("SHOW huge_pages_status", &[]).await?;
        let has_huge_pages = status.get::<_, &str>(0) == "on";
        Ok(Self { postgres, statistics, has_huge_pages })
    }

    /// Creates an empty database, and returns its URL.
    pub(crate) async fn create(&self, name: &str) -> Outcome<String> {
        let statement = format!("CREATE DATABASE {name} TEMPLATE template0");
        self.statistics.batch_execute(&statement).await?;
        Ok(self.postgres.url(name))
    }
}

pub(crate) async fn connect(url: &str) -> Outcome<Client> {
    let config = Config::from_str(url).map_err(BenchError::from)?;
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
