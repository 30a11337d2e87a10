//! Why a measurement failed. Written for the person at the terminal.

use std::io;

use tools::ToolError;

pub(crate) type Outcome<T> = Result<T, BenchError>;

#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error("{0}")]
    Tool(#[from] ToolError),
    #[error("{0} does not exist: build it first")]
    NoBinary(String),
    #[error("PostgreSQL: {0}")]
    TestDatabase(String),
    #[error("{request} was answered with {status} instead of {expected}: {body}")]
    Answer { request: String, status: u64, expected: u64, body: String },
    #[error("{0} did not answer in time")]
    Silent(String),
    #[error("`operate` failed: {0}")]
    Operate(String),
    #[error("no mail to {0} holds a {1}")]
    Mail(String, &'static str),
    #[error("cannot write {0}: {1}")]
    Write(String, io::Error),
}

impl From<tokio_postgres::Error> for BenchError {
    fn from(error: tokio_postgres::Error) -> Self {
        let message = error.as_db_error().map(|error| error.message().to_owned());
        Self::TestDatabase(message.unwrap_or_else(|| error.to_string()))
    }
}
