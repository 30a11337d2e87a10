//! One connection, a deadline on every wait, and a replacement for a connection that died.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio::time::timeout;
use tokio_postgres::{
    Config, NoTls, Row,
    types::{ToSql, Type},
};

/// What a request may spend on the database in all, connecting included.
const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);

/// An answer on an open connection takes a millisecond; silence means it died unnoticed.
const VERIFY_DEADLINE: Duration = Duration::from_millis(500);

/// A connection that was idle for longer may have died while the function was frozen.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// A parameter of a statement with its PostgreSQL type: typed, so that nothing has to be prepared.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The database. Made once per function instance, used by every request it serves.
pub struct Storage {
    pool: Pool,
    last_used: Arc<LastUsed>,
}

/// The database could not do what was asked. Callers cannot repair this, so there is nothing
/// to match on: report it and answer 503.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// No connection could be had.
    #[error("no database connection")]
    Pool(#[from] PoolError),
    /// A statement failed.
    #[error("database statement failed")]
    Statement(#[from] tokio_postgres::Error),
    /// The time that a request may spend on the database is over.
    #[error("database deadline passed")]
    Deadline,
}

impl Storage {
    /// A pool for this database. Connects at the first use, or at [`Storage::warm_up`].
    pub fn new(mut config: Config) -> Self {
        config
            .application_name("registration")
            .connect_timeout(CONNECT_DEADLINE)
            .tcp_user_timeout(Duration::from_secs(3))
            .keepalives_idle(Duration::from_secs(30));
        let manager = Manager::from_config(
            config,
            NoTls,
            // The hook below verifies; a method that sends `DISCARD` would pin RDS Proxy.
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let last_used = Arc::new(LastUsed::default());
        let pool = Pool::builder(manager)
            // An instance serves one request at a time.
            .max_size(1)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECT_DEADLINE))
            .create_timeout(Some(CONNECT_DEADLINE))
            .recycle_timeout(Some(VERIFY_DEADLINE))
            .pre_recycle(verify_after_idling(Arc::clone(&last_used)))
            .build()
            .expect("a runtime is given, as the timeouts require");
        Self { pool, last_used }
    }

    /// Connects ahead of the first request. A failure is left to that request to find: the
    /// database may be back by then.
    pub async fn warm_up(&self) {
        if self.pool.get().await.is_ok() {
            self.last_used.touch();
        }
    }

    /// The database for one request, which may spend five seconds on it in all.
    pub fn session(&self) -> Session<'_> {
        Session { storage: self, left: REQUEST_DEADLINE }
    }

    /// Whether the database answers within the deadline.
    pub async fn answers_within(&self, deadline: Duration) -> Result<(), StorageError> {
        let mut session = Session { storage: self, left: deadline };
        session.query("SELECT 1", &[]).await.map(drop)
    }
}

/// The database for one request: its deadline shrinks with every statement.
pub struct Session<'s> {
    storage: &'s Storage,
    left: Duration,
}

impl Session<'_> {
    /// Runs one statement: one round trip, no named statement, nothing that pins a proxy.
    pub(super) async fn query(
        &mut self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StorageError> {
        let started = Instant::now();
        let outcome = self.query_within(self.left, statement, parameters).await;
        self.left = self.left.saturating_sub(started.elapsed());
        outcome
    }

    /// The same for a statement that always yields exactly one row.
    pub(super) async fn query_one(
        &mut self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Row, StorageError> {
        let mut rows = self.query(statement, parameters).await?;
        Ok(rows.pop().expect("the statement selects from a single row"))
    }

    async fn query_within(
        &self,
        deadline: Duration,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StorageError> {
        let started = Instant::now();
        // Lets the connection's own task read what arrived meanwhile, a farewell above all.
        tokio::task::yield_now().await;
        let client = timeout(deadline, self.storage.pool.get())
            .await
            .map_err(|_| StorageError::Deadline)??;
        let left = deadline.saturating_sub(started.elapsed());
        if let Ok(rows) = timeout(left, client.query_typed(statement, parameters)).await {
            self.storage.last_used.touch();
            return Ok(rows?);
        }
        // Its answer may still come: nobody must read it as the answer to another statement.
        drop(Object::take(client));
        Err(StorageError::Deadline)
    }
}

/// When the connection was last used, by the wall clock: whether a monotonic clock goes on while
/// a Lambda function is frozen is nowhere promised.
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

/// A round trip more, but only for a connection that was idle for a while.
fn verify_after_idling(last_used: Arc<LastUsed>) -> Hook {
    Hook::async_fn(move |client, _| {
        let is_recent = last_used.is_recent();
        Box::pin(async move {
            if is_recent {
                return Ok(());
            }
            client.query_typed("SELECT 1", &[]).await.map(drop).map_err(HookError::Backend)
        })
    })
}
