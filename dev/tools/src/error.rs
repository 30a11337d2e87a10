//! Why a tool could not be installed or started. Written for the person at the terminal.

use std::{io, path::Path};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// A program that this project does not install itself.
    #[error("`{program}` is missing. It {purpose}. Install it with {remedy}")]
    Missing {
        program: &'static str,
        purpose: &'static str,
        /// The command that installs it on this system.
        remedy: &'static str,
    },
    #[error("node {found} is too old: the mailbox needs {needed} or newer")]
    OldNode {
        /// The output of `node --version`.
        found: String,
        /// The oldest version that works.
        needed: &'static str,
    },
    /// npm has no PostgreSQL for this system and processor.
    #[error(
        "there is no ready-made PostgreSQL for this system: set DATABASE_URL to one of your own"
    )]
    NoPostgres,
    /// `said` is the end of its output.
    #[error("{doing} failed:\n{said}")]
    Failed { doing: String, said: String },
    /// `said` is the end of its output.
    #[error("{what} did not answer within {seconds} s:\n{said}")]
    Silent { what: &'static str, seconds: u64, said: String },
    /// Two servers must never share a data folder.
    #[error("the data in {0} are in use by another `cargo dev`: stop that one first")]
    DataInUse(String),
    /// Another user created the folder that root would use.
    #[error("{0} exists and does not belong to root: remove it")]
    NotOurs(String),
    #[error("this workspace does not compile: see above")]
    Build,
    #[error("{doing}: {source}")]
    Io { doing: String, source: io::Error },
}

impl ToolError {
    /// For `map_err`: adds the path, which an [`io::Error`] does not name.
    pub(crate) fn at(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let doing = format!("cannot {doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }
}
