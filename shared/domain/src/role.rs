//! Who may manage other accounts.

use strum::{EnumString, IntoStaticStr};

/// A role. It is stored and answered under its name in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// May use and change its own account.
    Member,
    /// May see, disable and delete every account.
    Admin,
}

impl Role {
    /// Its name, as stored and as answered.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
