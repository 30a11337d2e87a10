//! What the database could not do, and whether another connection may do better.

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use super::iam::IamError;

/// The database could not do what was asked. Callers cannot repair this, so there is nothing
/// to match on: report it and answer 503.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// No connection could be had.
    #[error("no database connection")]
    Pool(#[from] PoolError),
    /// IAM authentication failed.
    #[error("no database connection")]
    Iam(#[from] IamError),
    /// `migrate` of this build has never run on this database.
    #[error("the database does not have the functions of this build: run `migrate`")]
    NotMigrated(#[source] tokio_postgres::Error),
    /// A statement failed.
    #[error("database statement failed")]
    Statement(#[from] tokio_postgres::Error),
    /// The time that a request may spend on the database is over.
    #[error("database deadline passed")]
    Deadline,
    /// A function of the database has answered what this build does not know.
    #[error("{function} has answered `{outcome}`")]
    UnknownOutcome {
        /// The function.
        function: &'static str,
        /// Its answer.
        outcome: String,
    },
}

impl StorageError {
    /// A unique index did not let a row in.
    pub(super) fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Statement(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION))
    }

    /// A row was in use for longer than the role waits.
    pub(super) fn is_in_use(&self) -> bool {
        let codes = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        let Self::Statement(error) = self else { return false };
        error.code().is_some_and(|code| codes.contains(code))
    }

    /// The connection has ended, or the server with it.
    pub(super) fn is_lost_connection(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        error.is_closed()
    }

    /// Whether the server has carried the statement out is unknown.
    pub(super) fn is_undecided(&self) -> bool {
        matches!(self, Self::Deadline) || self.is_lost_connection()
    }

    /// The server has refused the statement, and not for what the statement says or meets: another
    /// connection may do better. It ends, can only read, or lacks what another server has.
    pub(super) fn is_of_connection(&self) -> bool {
        // Classes of SQLSTATE: data, constraints, deadlocks, locks. Then timeouts.
        let of_statement = ["22", "23", "40", "55"];
        let Self::Statement(error) = self else { return false };
        let Some(code) = error.code().map(SqlState::code) else { return false };
        !of_statement.iter().any(|class| code.starts_with(class))
            && code != SqlState::QUERY_CANCELED.code()
    }

    /// Tells a database that `migrate` of this build has not seen from one that fails.
    pub(super) fn told_apart(self) -> Self {
        let missing = [SqlState::INVALID_SCHEMA_NAME, SqlState::UNDEFINED_FUNCTION];
        match self {
            Self::Statement(error) if error.code().is_some_and(|code| missing.contains(code)) => {
                Self::NotMigrated(error)
            }
            other => other,
        }
    }

    pub(super) fn unknown_outcome(function: &'static str, outcome: &str) -> Self {
        Self::UnknownOutcome { function, outcome: outcome.to_owned() }
    }
}

/// An error and what caused it, in one line for operators.
///
/// PostgreSQL's own errors say more in their detail: a whole row, or the key that is there already,
/// which may be an address. That is left out.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = message_of(error);
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&message_of(cause));
        next = cause.source();
    }
    text
}

/// What an error says of itself.
pub fn message_of(error: &(dyn std::error::Error + 'static)) -> String {
    let told_by_server = error.downcast_ref::<tokio_postgres::error::DbError>();
    told_by_server.map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
