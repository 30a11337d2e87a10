//! The roles: what an account may do to other accounts.

use strum::{EnumString, IntoStaticStr};

/// Stored and sent to clients under its name in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// Has no access to other accounts.
    Member,
    /// May list, read, disable and delete all accounts.
    Admin,
}

impl Role {
    /// As stored and as sent to clients.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
