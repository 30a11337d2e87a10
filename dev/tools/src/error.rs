//! Why a tool could not be had. Written for the person at the terminal.

use std::{io, path::Path};

/// A tool could not be installed or started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// A program we cannot bring ourselves is not on this machine.
    #[error("`{program}` is missing. It {purpose}. Get it with {remedy}")]
    Missing {
        /// Its name, as one would type it.
        program: &'static str,
        /// What we need it for.
        purpose: &'static str,
        /// The command that installs it here.
        remedy: &'static str,
    },
    /// Node is there, but the mailbox does not run on it.
    #[error("node {found} is too old: the mailbox needs {needed} or newer")]
    OldNode {
        /// What `node --version` said.
        found: String,
        /// The oldest version that works.
        needed: &'static str,
    },
    /// npm has no PostgreSQL for this system and processor.
    #[error(
        "there is no ready-made PostgreSQL for this system: set DATABASE_URL to one of your own"
    )]
    NoPostgres,
    /// A program ended with an error; its last words follow.
    #[error("{doing} failed:\n{said}")]
    Failed {
        /// What we were at.
        doing: String,
        /// The end of its output.
        said: String,
    },
    /// Something did not start in time; its last words follow.
    #[error("{what} did not answer within {seconds} s:\n{said}")]
    Silent {
        /// What was started.
        what: &'static str,
        /// How long we waited.
        seconds: u64,
        /// The end of its output.
        said: String,
    },
    /// Two servers must never share a data folder.
    #[error("the data in {0} are in use by another `cargo dev`: end that one first")]
    DataInUse(String),
    /// The folder that root would use is in the hands of somebody else.
    #[error("{0} exists and does not belong to root: remove it")]
    NotOurs(String),
    /// The operating system refused.
    #[error("{doing}: {source}")]
    Io {
        /// What we were at.
        doing: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl ToolError {
    /// For `map_err`: names the file that the bare [`io::Error`] leaves out.
    pub(crate) fn at(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let doing = format!("cannot {doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }
}
