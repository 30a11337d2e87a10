//! What is measured: a function, and a request that it answers.

use serde::Serialize;

/// A kind of request. The first three are the yardsticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    Hello,
    HelloDatabase,
    HelloMail,
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
    pub(crate) const REPEATED: [Self; 9] = [
        Self::Hello,
        Self::HelloDatabase,
        Self::HelloMail,
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
            Self::HelloMail => "hello-mail",
            Self::Page => "site",
            Self::Register => "register",
            Self::Activate | Self::Health => "activate",
            Self::SignIn | Self::OwnAccount => "account",
            Self::Purge => "operate",
        }
    }

    pub(crate) fn request(self) -> &'static str {
        match self {
            Self::Hello | Self::HelloDatabase | Self::HelloMail => "any request",
            Self::Page => "GET /",
            Self::Register => "POST /register",
            Self::Activate => "POST /activate",
            Self::Health => "GET /health",
            Self::SignIn => "POST /login",
            Self::OwnAccount => "GET /users/me",
            Self::Purge => "purge",
        }
    }

    /// How many statements and emails it costs (docs/performance.md).
    pub(crate) fn statements_and_mails(self) -> (f64, f64) {
        match self {
            Self::Register => (3.0, 1.0),
            Self::Activate | Self::SignIn => (2.0, 0.0),
            Self::OwnAccount => (1.0, 0.0),
            _ => (0.0, 0.0),
        }
    }

    pub(crate) fn is_yardstick(self) -> bool {
        matches!(self, Self::Hello | Self::HelloDatabase | Self::HelloMail)
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
