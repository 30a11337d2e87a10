//! Opens a session after a right password, and ends one.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{
    columns::place_parameters,
    connection::{Database, Parameter},
    error::StorageError,
    limits::Taken,
};
use domain::{password::PasswordHash, session::SessionClaims};

/// What a new session needs to know about its account.
#[derive(Debug)]
pub struct OpenedSession {
    /// False for an attempt that is not activated yet.
    pub activated: bool,
    /// An admin disabled the account, or the owner of the address did ("this wasn't me").
    pub is_disabled: bool,
    /// By the database's clock.
    pub now: DateTime<Utc>,
}

const SIGN_IN: &str = "
    SELECT *
      FROM build.sign_in(
               account => $1, generation => $2, better_hash => $3,
               limit_keys => $4, places_taken_at => $5)";

const END_SESSION: &str = "SELECT build.end_session(session => $1, ends_at => $2)";

impl Database<'_> {
    /// Signs in the owner of an account or attempt, whose password was right in this generation.
    /// `None` if the password has changed since. `better_hash`, of the same password, replaces the
    /// stored one.
    pub async fn sign_in(
        &mut self,
        account: Uuid,
        generation: i32,
        better_hash: Option<&PasswordHash>,
        taken: &Taken,
    ) -> Result<Option<OpenedSession>, StorageError> {
        let (limit_keys, taken_at) = place_parameters(Some(taken));
        let parameters: [Parameter<'_>; 5] = [
            (&account, Type::UUID),
            (&generation, Type::INT4),
            (&better_hash.map(PasswordHash::as_phc), Type::TEXT),
            (&limit_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
        ];
        let rows = self.query_with_places(SIGN_IN, &parameters, Some(taken)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(OpenedSession {
            activated: row.try_get("activated")?,
            is_disabled: row.try_get("is_disabled")?,
            now: row.try_get("at")?,
        }))
    }

    pub async fn end_session(&mut self, claims: &SessionClaims) -> Result<(), StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&claims.id, Type::UUID), (&claims.expires_at, Type::TIMESTAMPTZ)];
        self.query(END_SESSION, &parameters).await.map(drop)
    }
}
