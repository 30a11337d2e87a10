//! The claims of a session.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Whose session it is, and until when. It carries no permissions: every request reads the role
/// with the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClaims {
    pub id: Uuid,
    /// An account or an attempt.
    pub account: Uuid,
    /// The account's generation at sign-in. The next generation ends the session.
    pub generation: i32,
    /// Whether the account was active at sign-in. Activation ends the sessions of an attempt.
    pub activated: bool,
    /// By the database's clock.
    pub expires_at: DateTime<Utc>,
}
