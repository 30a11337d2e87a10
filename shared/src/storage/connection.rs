//! The connection: a deadline on every wait, and a replacement for a connection that died.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, RecyclingMethod, Runtime,
};
use tokio::time::timeout;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::{connector::Connector, error::StorageError, functions, limits::Taken};

/// How long a request may spend on the database, connecting included.
pub(super) const REQUEST_DEADLINE: Duration = Duration::from_millis(4500);

/// How long it may take in addition to give places back: five seconds in all.
const RESERVE: Duration = Duration::from_millis(500);

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);

/// A live connection answers in a millisecond. If this one does not, it died unnoticed.
const VERIFY_DEADLINE: Duration = Duration::from_millis(500);

/// A connection idle for longer may have died while the function was frozen.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// A parameter with its PostgreSQL type, so that the statement need not be prepared.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Created once per function instance and shared by every request that it serves.
pub struct Pool {
    connections: deadpool_postgres::Pool,
    connector: Connector,
    last_used: Arc<LastUsed>,
}

impl Pool {
    /// Connects at the first use, or in [`Pool::warm_up`].
    pub fn new(connector: Connector) -> Self {
        let mut config = connector.config.clone();
        config
            .application_name("registration")
            .connect_timeout(CONNECT_DEADLINE)
            .tcp_user_timeout(Duration::from_secs(3))
            .keepalives_idle(Duration::from_secs(30));
        let manager = Manager::from_connect(
            config,
            connector.clone(),
            // The hook below verifies. A method that sends `DISCARD` would pin an RDS Proxy
            // connection.
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let last_used = Arc::new(LastUsed::default());
        let connections = deadpool_postgres::Pool::builder(manager)
            // An instance serves one request at a time.
            .max_size(1)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECT_DEADLINE))
            .create_timeout(Some(CONNECT_DEADLINE))
            .pre_recycle(verify_after_idling(Arc::clone(&last_used)))
            .build()
            .expect("a runtime is given, as the timeouts require");
        Self { connections, connector, last_used }
    }

    /// Connects before the first request. Fails only if the database lacks this build's functions.
    /// Any other failure is left to that request, because the database may have recovered by then.
    pub async fn warm_up(&self) -> Result<(), StorageError> {
        match self.database().is_ready().await {
            Err(error @ StorageError::NotMigrated(_)) => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) async fn connection(&self) -> Result<Object, StorageError> {
        self.connector.prepare().await?;
        Ok(self.connections.get().await?)
    }

    /// The database for one request, which may spend five seconds on it in all.
    pub fn database(&self) -> Database<'_> {
        Database { pool: self, left: REQUEST_DEADLINE, has_answered: false }
    }

    /// Whether the database could serve a request. Answers within the deadline.
    pub async fn is_ready_within(&self, deadline: Duration) -> Result<(), StorageError> {
        Database { left: deadline, ..self.database() }.is_ready().await
    }
}

const READY: &str = "SELECT build.ready()";

/// The database for one request: its deadline shrinks with every statement.
pub struct Database<'s> {
    pool: &'s Pool,
    left: Duration,
    has_answered: bool,
}

impl Database<'_> {
    /// Runs one statement: one round trip, no named statement, nothing that pins a proxy.
    ///
    /// The connection may have died since the last request, or be useless, like one to a server
    /// that has become read-only. The statement is sent once more, on a new connection, if the
    /// server did not execute it, or if it is the first of its request. If the dead connection did
    /// execute the first one, the worst that can happen is that a place is taken twice, a grant is
    /// logged twice, or an idempotency key counts as in progress until its lease ends.
    pub(super) async fn query(
        &mut self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StorageError> {
        let statement = functions::in_this_build(statement);
        let mut outcome = self.query_once(&statement, parameters).await;
        if let Err(error) = &outcome
            && (error.is_of_connection() || error.is_lost_connection() && !self.has_answered)
        {
            outcome = self.query_once(&statement, parameters).await;
        }
        self.has_answered = outcome.is_ok();
        outcome.map_err(StorageError::classify)
    }

    /// The same for a statement that always returns exactly one row.
    pub(super) async fn query_one(
        &mut self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Row, StorageError> {
        let mut rows = self.query(statement, parameters).await?;
        Ok(rows.pop().expect("the statement selects from a single row"))
    }

    /// Runs the statement that follows a right password. If it fails, gives back the places that
    /// the password check took.
    pub(super) async fn query_with_places(
        &mut self,
        statement: &str,
        parameters: &[Parameter<'_>],
        taken: Option<&Taken>,
    ) -> Result<Vec<Row>, StorageError> {
        let outcome = self.query(statement, parameters).await;
        if let (Err(_), Some(taken)) = (&outcome, taken) {
            self.give_back(taken).await;
        }
        outcome
    }

    /// Runs the statement of a request that has taken places. Gives the places back if the server
    /// certainly did not run it. If that is unknown, they stay taken: the sign-up may be stored.
    pub(super) async fn query_for_places(
        &mut self,
        statement: &str,
        parameters: &[Parameter<'_>],
        taken: &Taken,
    ) -> Result<Vec<Row>, StorageError> {
        let outcome = self.query(statement, parameters).await;
        if let Err(error) = &outcome
            && !error.is_undecided()
        {
            self.give_back(taken).await;
        }
        outcome
    }

    /// Leaves time for one more statement, even if those before it have used up the deadline.
    pub(super) fn use_reserve(&mut self) {
        self.left = self.left.max(RESERVE);
    }

    pub(super) async fn is_ready(&mut self) -> Result<(), StorageError> {
        self.query(READY, &[]).await.map(drop)
    }

    async fn query_once(
        &mut self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StorageError> {
        let started = Instant::now();
        let outcome = timeout(self.left, self.connect_and_query(statement, parameters)).await;
        self.left = self.left.saturating_sub(started.elapsed());
        outcome.unwrap_or(Err(StorageError::Deadline))
    }

    async fn connect_and_query(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StorageError> {
        let client = self.pool.connection().await?;
        // If the deadline passes first, the connection is dropped: its answer may still arrive, and
        // must not be read as the answer to another statement.
        let client = DropUnlessAnswered(Some(client));
        let rows = client.query_typed(statement, parameters).await.map_err(StorageError::from);
        // A connection that may be at fault is dropped as well. The next statement gets a new one.
        if !rows.as_ref().is_err_and(StorageError::is_of_connection) {
            client.keep();
        }
        self.pool.last_used.touch();
        rows
    }
}

/// Removes its connection from the pool when dropped while a statement is running.
struct DropUnlessAnswered(Option<Object>);

impl DropUnlessAnswered {
    fn query_typed(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> impl Future<Output = Result<Vec<Row>, tokio_postgres::Error>> {
        let client = self.0.as_ref().expect("only `keep` and `drop` take it");
        client.query_typed(statement, parameters)
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for DropUnlessAnswered {
    fn drop(&mut self) {
        self.0.take().map(Object::take);
    }
}

/// When the connection was last used, by the wall clock: AWS does not document whether a monotonic
/// clock advances while a function is frozen.
#[derive(Default)]
struct LastUsed(AtomicU64);

impl LastUsed {
    fn touch(&self) {
        self.0.store(milliseconds_since_epoch(), Ordering::Relaxed);
    }

    fn is_recent(&self) -> bool {
        let idle = milliseconds_since_epoch().checked_sub(self.0.load(Ordering::Relaxed));
        idle.is_some_and(|idle| u128::from(idle) <= TRUSTED_IDLE.as_millis())
    }
}

fn milliseconds_since_epoch() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Costs one more round trip, but only after the connection was idle.
fn verify_after_idling(last_used: Arc<LastUsed>) -> Hook {
    Hook::async_fn(move |client, _| {
        let is_recent = last_used.is_recent();
        Box::pin(async move {
            if is_recent {
                return Ok(());
            }
            // The pool has no deadline for hooks.
            match timeout(VERIFY_DEADLINE, client.query_typed("SELECT 1", &[])).await {
                Ok(answer) => answer.map(drop).map_err(HookError::Backend),
                Err(_) => Err(HookError::message("the connection died unnoticed")),
            }
        })
    })
}
