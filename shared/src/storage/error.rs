//! Failures of the database, and whether a new connection may help.

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use super::iam::IamError;

/// The database failed. Callers cannot repair this, so there is nothing to match on: report it and
/// answer 503.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The pool could not provide a connection.
    #[error("no database connection")]
    Pool(#[from] PoolError),
    /// IAM authentication failed.
    #[error("no database connection")]
    Iam(#[from] IamError),
    /// `migrate` of this build has never run on this database.
    #[error("the database does not have the functions of this build: run `migrate`")]
    NotMigrated(#[source] tokio_postgres::Error),
    #[error("database statement failed")]
    Statement(#[from] tokio_postgres::Error),
    /// The request has used up its time for the database.
    #[error("database deadline passed")]
    Deadline,
    /// An SQL function returned an outcome that this build does not know.
    #[error("{function} returned the unknown outcome `{outcome}`")]
    UnknownOutcome { function: &'static str, outcome: String },
}

impl StorageError {
    pub(super) fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Statement(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION))
    }

    /// A row stayed locked for longer than the role waits.
    pub(super) fn is_in_use(&self) -> bool {
        let codes = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        let Self::Statement(error) = self else { return false };
        error.code().is_some_and(|code| codes.contains(code))
    }

    pub(super) fn is_lost_connection(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        error.is_closed()
    }

    /// It is unknown whether the server executed the statement.
    pub(super) fn is_undecided(&self) -> bool {
        matches!(self, Self::Deadline) || self.is_lost_connection()
    }

    /// The server refused the statement for a reason that lies in the connection, so a new one may
    /// help: the server is shutting down, is read-only, or lacks what another server has.
    pub(super) fn is_of_connection(&self) -> bool {
        // SQLSTATE classes: data, constraints, deadlocks, locks. Timeouts are excluded below.
        let of_statement = ["22", "23", "40", "55"];
        let Self::Statement(error) = self else { return false };
        let Some(code) = error.code().map(SqlState::code) else { return false };
        !of_statement.iter().any(|class| code.starts_with(class))
            && code != SqlState::QUERY_CANCELED.code()
    }

    /// Tells a database on which this build's `migrate` never ran from one that fails.
    pub(super) fn classify(self) -> Self {
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

/// An error and its causes, in one line for operators.
///
/// Leaves out the detail of PostgreSQL's errors, which may quote a row or a key that is an address.
pub fn causes_without_detail(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = message_of(error);
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&message_of(cause));
        next = cause.source();
    }
    text
}

/// The message of an error, without PostgreSQL's detail.
pub fn message_of(error: &(dyn std::error::Error + 'static)) -> String {
    let told_by_server = error.downcast_ref::<tokio_postgres::error::DbError>();
    told_by_server.map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
