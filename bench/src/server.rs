//! The private PostgreSQL that holds all databases of one measurement.

use std::str::FromStr as _;

use tokio_postgres::{Client, Config, NoTls};
use tools::Postgres;

use crate::{
    error::{BenchError, Outcome},
    huge_pages::Permission,
};

/// As in production, except for the disk: the statistics leave out commits, which wait for it.
const SETTINGS: [&str; 17] = [
    "shared_preload_libraries=pg_stat_statements",
    // A function counts with everything that it runs.
    "pg_stat_statements.track=top",
    "pg_stat_statements.track_planning=on",
    // Its file would be written at the end, and there is none.
    "pg_stat_statements.save=off",
    "compute_query_id=on",
    "fsync=off",
    "full_page_writes=on",
    "wal_compression=off",
    // What is filled in the transaction that empties its table needs no log. Requests write the
    // same as with `replica`.
    "wal_level=minimal",
    "max_wal_senders=0",
    "effective_cache_size=12GB",
    // No checkpoint but ours: each makes the next change of every page dearer.
    "max_wal_size=8GB",
    "checkpoint_timeout=1h",
    // Index builds while the tables are filled.
    "maintenance_work_mem=512MB",
    "max_parallel_maintenance_workers=2",
    // No statement of ours is worth compiling, and RDS would compile none of them.
    "jit=off",
    "log_min_messages=error",
];

/// A running server, and a connection to its statistics.
pub(crate) struct Server {
    postgres: Postgres,
    pub(crate) statistics: Client,
    /// Whether its memory consists of huge pages, as on RDS.
    pub(crate) has_huge_pages: bool,
}

impl Server {
    /// Starts it, with memory for the databases of each commit.
    pub(crate) async fn start(commits: usize) -> Outcome<Self> {
        // A quarter of the memory of a database of medium size (16 GB), for each commit.
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

    /// Makes an empty database, and returns its URL.
    pub(crate) async fn create(&self, name: &str) -> Outcome<String> {
        let statement = format!("CREATE DATABASE {name} TEMPLATE template0");
        self.statistics.batch_execute(&statement).await?;
        Ok(self.postgres.url(name))
    }
}

/// Connects as the superuser.
pub(crate) async fn connect(url: &str) -> Outcome<Client> {
    let config = Config::from_str(url).map_err(BenchError::from)?;
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
