//! What is measured: a function, and a request that it answers.

use serde::Serialize;

/// A kind of request. The first two are the yardsticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    Hello,
    HelloDatabase,
    Page,
    Register,
    Activate,
    SignIn,
    Health,
    OwnAccount,
    Purge,
}

impl Kind {
    /// One for each binary: processes are started with these.
    pub(crate) const STARTED: [Self; 7] = [
        Self::Hello,
        Self::HelloDatabase,
        Self::Page,
        Self::Register,
        Self::Activate,
        Self::SignIn,
        Self::Purge,
    ];

    /// These are sent again and again to one process of each function.
    pub(crate) const REPEATED: [Self; 7] = [
        Self::Hello,
        Self::Page,
        Self::Register,
        Self::Activate,
        Self::Health,
        Self::SignIn,
        Self::OwnAccount,
    ];

    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::HelloDatabase => "hello-database",
            Self::Page => "site",
            Self::Register => "register",
            Self::Activate | Self::Health => "activate",
            Self::SignIn | Self::OwnAccount => "account",
            Self::Purge => "operate",
        }
    }

    pub(crate) fn request(self) -> &'static str {
        match self {
            Self::Hello | Self::HelloDatabase => "any request",
            Self::Page => "GET /",
            Self::Register => "POST /register",
            Self::Activate => "POST /activate",
            Self::Health => "GET /health",
            Self::SignIn => "POST /login",
            Self::OwnAccount => "GET /users/me",
            Self::Purge => "purge",
        }
    }

    /// The status of the right answer. `operate` answers without one.
    pub(crate) fn status(self) -> Option<u64> {
        match self {
            Self::Purge => None,
            Self::Register => Some(202),
            _ => Some(200),
        }
    }
}
