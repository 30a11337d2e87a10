//! Gives a role to an account.

use std::time::Instant;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;
use shared::{
    domain::{
        email::{Email, InvalidEmail},
        role::Role,
    },
    storage::{Pool, StorageError},
};
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(rename = "command")]
    _command: IgnoredAny,
    email: String,
    role: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Granted {
    id: Uuid,
    role: &'static str,
}

/// Why nothing was granted. No message contains the address.
#[derive(Debug, thiserror::Error)]
pub(super) enum GrantError {
    #[error("the event must have `email` and `role`, and nothing else")]
    Event,
    #[error("`role` must be admin or member")]
    Role,
    #[error("`email`: {0}")]
    Email(#[from] InvalidEmail),
    #[error("there is no active account with this address, or it is disabled")]
    NoAccount,
    #[error("it is unknown whether the role was granted: run the command again")]
    Storage(#[from] StorageError),
}

pub(super) async fn grant(
    pool: &Pool,
    event: Value,
    until: Instant,
) -> Result<Granted, GrantError> {
    // Serde's message may quote the event.
    let event: Event = serde_json::from_value(event).map_err(|_| GrantError::Event)?;
    let role: Role = event.role.parse().map_err(|_| GrantError::Role)?;
    let email = Email::parse(&event.email)?;
    let id = pool.grant(&email, role, until).await?.ok_or(GrantError::NoAccount)?;
    Ok(Granted { id, role: role.name() })
}
