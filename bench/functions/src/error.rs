//! Why a measurement failed. Written for the person at the terminal.

use std::io;

use tools::ToolError;

pub(crate) type Outcome<T> = Result<T, BenchError>;

#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error("{0}")]
    Tool(#[from] ToolError),
    #[error("the reference in C does not compile: see above")]
    NoReference,
    #[error("{0} does not exist: build it first")]
    NoBinary(String),
    #[error("{request} was answered with {answer} instead of {expected}")]
    Answer { request: &'static str, expected: u64, answer: String },
    #[error("{0} did not answer in time")]
    Silent(&'static str),
    #[error("`{0}` printed no measurement: {1}")]
    Unreadable(String, serde_json::Error),
    #[error("cannot {0}: {1}")]
    Io(String, io::Error),
}

impl BenchError {
    /// For `map_err`: adds what was done, which an [`io::Error`] does not name.
    pub(crate) fn at(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io(doing, source)
    }
}
