//! What a session says of itself.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Whose session it is, and until when. It says nothing of what somebody may do: that is read with
/// the account, at every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClaims {
    /// The session.
    pub id: Uuid,
    /// The account, or the attempt.
    pub account: Uuid,
    /// The account's generation when the password was right. With the next one the session ends.
    pub generation: i32,
    /// Whether the account was active. A session of an attempt stays one.
    pub activated: bool,
    /// When it ends, by the database's clock.
    pub expires_at: DateTime<Utc>,
}
