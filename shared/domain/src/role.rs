//! The roles: what an account may do to other accounts.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Has no access to other accounts.
    Member,
    /// May list, read, disable and delete all accounts.
    Admin,
}

impl Role {
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::Admin].into_iter().find(|role| role.name() == name)
    }

    /// As stored and as sent to clients.
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}
