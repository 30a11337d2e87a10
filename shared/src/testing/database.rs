//! A real PostgreSQL for the test process, and a database of its own for every test.

use std::{
    str::FromStr as _,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::OnceCell,
    time::{sleep, timeout},
};
use tokio_postgres::{Client, Config, NoTls, Row};
use tools::Postgres;

use crate::storage::{Connector, migrate};

/// The server of this test process. It ends with the process, however that ends.
static SERVER: LazyLock<String> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "tests have no other setting than this one")]
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        return url;
    }
    let server = Postgres::temporary().unwrap_or_else(|error| panic!("{error}"));
    let url = server.url("postgres");
    // Never dropped: the leash ends it when this process is gone.
    std::mem::forget(server);
    url
});

/// A database with the schema, from which the others are copied.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Where the server of this test process is: `TEST_DATABASE_URL`, or one that was just started.
pub fn server() -> Config {
    Config::from_str(&SERVER).expect("a PostgreSQL URL")
}

/// A database of one test.
pub struct TestDatabase {
    config: Config,
    client: Client,
}

impl TestDatabase {
    /// A new one with the schema, empty.
    pub async fn new() -> Self {
        let template = TEMPLATE
            .get_or_init(|| async {
                let name = new_name("template");
                create(&name, "template0").await;
                migrate(&Connector::in_the_clear(server().dbname(&name).clone()))
                    .await
                    .expect("the migrations run");
                name
            })
            .await;
        let name = new_name("test");
        create(&name, template).await;
        Self::connect(server().dbname(&name).clone()).await
    }

    /// A new one without anything in it.
    pub async fn empty() -> Self {
        let name = new_name("test");
        create(&name, "template0").await;
        Self::connect(server().dbname(&name).clone()).await
    }

    /// A database that exists, elsewhere.
    pub async fn connect(config: Config) -> Self {
        let client = connect(&config).await;
        Self { config, client }
    }

    /// Another connection to it.
    pub async fn another_connection(&self) -> Self {
        Self::connect(self.config.clone()).await
    }

    /// How to connect to it.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How a function would connect to it.
    pub fn connector(&self) -> Connector {
        Connector::in_the_clear(self.config.clone())
    }

    /// Its URL, as `DATABASE_URL` takes it, with another host and port instead of its own.
    pub fn url_at(&self, host: &str) -> String {
        let name = self.config.get_dbname().unwrap_or_default();
        let user = self.config.get_user().unwrap_or("postgres");
        format!("postgres://{user}@{host}/{name}")
    }

    /// Its URL, as `DATABASE_URL` takes it.
    pub fn url(&self) -> String {
        use tokio_postgres::config::Host;
        let password = self.config.get_password().map(String::from_utf8_lossy);
        let user = self.config.get_user().unwrap_or("postgres");
        let name = self.config.get_dbname().unwrap_or_default();
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let host = match &self.config.get_hosts()[0] {
            Host::Tcp(host) => host.clone(),
            Host::Unix(path) => path.to_string_lossy().into_owned(),
        };
        let password =
            password.map(|password| format!(" password='{password}'")).unwrap_or_default();
        format!("host='{host}' port={port} user='{user}' dbname='{name}'{password}")
    }

    /// Another connection to it, with the rights of this role.
    pub async fn as_role(&self, role: &str) -> Self {
        let url = in_role(&self.url(), role);
        Self::connect(Config::from_str(&url).expect("our own URL")).await
    }

    /// Runs statements that must be refused, and says why they were.
    pub async fn refuses(&self, statements: &str) -> String {
        let refused = self.client.batch_execute(statements).await;
        let error = refused.err().unwrap_or_else(|| panic!("it was allowed: {statements}"));
        error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
    }

    /// Runs statements, for a test that arranges something.
    pub async fn execute(&self, statements: &str) {
        self.client
            .batch_execute(statements)
            .await
            .unwrap_or_else(|e| panic!("{e:?}: {statements}"));
    }

    /// The only row of a query.
    pub async fn row(&self, query: &str) -> Row {
        self.client.query_one(query, &[]).await.unwrap_or_else(|e| panic!("{e:?}: {query}"))
    }

    /// All rows of a query.
    pub async fn rows(&self, query: &str) -> Vec<Row> {
        self.client.query(query, &[]).await.unwrap_or_else(|e| panic!("{e:?}: {query}"))
    }

    /// The only number that a query yields.
    pub async fn number(&self, query: &str) -> i64 {
        self.row(query).await.get(0)
    }

    /// Waits until this many statements that contain this text wait for a lock.
    pub async fn makes_wait(&self, statement: &str, count: i64) {
        let waiting = waiting(statement);
        self.says(&format!("SELECT count(*) >= {count} {waiting}")).await;
    }

    /// Waits until a statement that contains this text waits for a lock, then until it was sent
    /// again and waits again: its session's `lock_timeout` was over in between.
    pub async fn makes_wait_again(&self, statement: &str) {
        self.makes_wait(statement, 1).await;
        let now: String = self.row("SELECT clock_timestamp()::text").await.get(0);
        let waiting = waiting(statement);
        self.says(&format!("SELECT count(*) > 0 {waiting} AND query_start > '{now}'")).await;
    }

    /// Waits until a query answers yes.
    async fn says(&self, query: &str) {
        let asks = async {
            while !self.row(query).await.get::<_, bool>(0) {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(Duration::from_mins(1), asks).await.unwrap_or_else(|_| panic!("never: {query}"));
    }

    /// Ends all other sessions, and lets no new one begin.
    pub async fn refuses_connections(&self) {
        self.execute(
            "UPDATE pg_database SET datallowconn = false WHERE datname = current_database();
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    }

    /// Lets sessions begin again.
    pub async fn accepts_connections(&self) {
        self.execute(
            "UPDATE pg_database SET datallowconn = true WHERE datname = current_database()",
        )
        .await;
    }

    /// Lets the server read its settings again. It has told every session when it accepts the next
    /// one, and a session obeys before its next statement.
    pub async fn reads_settings(&self) {
        let before: String = self.row("SELECT clock_timestamp()::text").await.get(0);
        self.execute("SELECT pg_reload_conf()").await;
        let has_read = format!("SELECT (pg_conf_load_time() > '{before}')::int::int8");
        let reads = async { while self.another_connection().await.number(&has_read).await == 0 {} };
        timeout(Duration::from_mins(1), reads).await.expect("it reads them");
    }

    /// All its tables, in the order in which they were created: each comes after those that it
    /// refers to.
    pub async fn tables(&self) -> Vec<String> {
        let tables = "SELECT array_agg(relname::text ORDER BY oid) FROM pg_class
                       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
        self.row(tables).await.get(0)
    }

    /// Lets time pass: every moment that the database contains moves into the past. All deadlines
    /// that callers can notice are there, so this is the same as waiting.
    pub async fn time_passes(&self, seconds: f64) {
        let statements: String = self.row(MOVE_ALL_MOMENTS).await.get(0);
        let by = format!("interval '{seconds} seconds'");
        self.execute(&statements.replace("$BY", &by)).await;
    }
}

/// The rest of a query about statements that contain this text and wait for a lock.
fn waiting(statement: &str) -> String {
    format!(
        "FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'
            AND query LIKE '%{statement}%' AND pid <> pg_backend_pid()"
    )
}

/// For each table that the catalogue names, a statement that moves all its columns with moments by
/// `$BY`, those with arrays of moments included.
const MOVE_ALL_MOMENTS: &str = "
    WITH moment AS (
        SELECT c.relname, a.attname, t.typcategory = 'A' AS is_array
          FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type t ON t.oid = a.atttypid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
           AND t.typname IN ('timestamptz', '_timestamptz', 'timestamp', '_timestamp')
    ), statement AS (
        SELECT format('UPDATE %I SET %s', relname, string_agg(CASE WHEN is_array
                   THEN format('%1$I = CASE WHEN %1$I IS NOT NULL THEN ARRAY(SELECT t - $BY
                                FROM unnest(%1$I) WITH ORDINALITY AS u (t, n) ORDER BY n) END', attname)
                   ELSE format('%1$I = %1$I - $BY', attname) END, ', ')) AS text
          FROM moment GROUP BY relname)
    SELECT string_agg(text, '; ') FROM statement";

/// The same URL for a connection with the rights of this role. It logs in as before, so the server
/// need not know how the role would.
pub fn in_role(url: &str, role: &str) -> String {
    if url.starts_with("postgres") {
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}options=-c%20role%3D{role}")
    } else {
        format!("{url} options='-c role={role}'")
    }
}

async fn create(name: &str, template: &str) {
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
    connect(&server()).await.batch_execute(&statement).await.expect("a database can be made");
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("the database answers");
    tokio::spawn(connection);
    client
}

fn new_name(kind: &str) -> String {
    format!("{kind}_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}
