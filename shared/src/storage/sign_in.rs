//! Somebody's password was right.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;

use super::{
    connection::{Parameter, Session, StorageError},
    limits::give_back,
    sign_up::given_back,
};
use crate::{authentication::Proven, domain::password::PasswordHash};

/// Who signs in.
#[derive(Debug)]
pub struct SignedIn {
    /// Whether the account is active, or still an attempt.
    pub activated: bool,
    /// Nobody may sign in.
    pub is_disabled: bool,
    /// The database's clock.
    pub now: DateTime<Utc>,
}

/// Gives back the places that checking the password had taken (`$1`, `$2`), and keeps a better
/// hash of the same password (`$5`) unless there is another one by now.
///
/// Nothing is locked or stored for a session: it is bound to the generation (`$4`) under which the
/// password was right, and ends with it.
const SIGN_IN: &str = concat!(
    "
    WITH ",
    give_back!(),
    ", rehashed AS (
        UPDATE accounts SET password_hash = $5
         WHERE id = $3 AND generation = $4 AND $5 IS NOT NULL
    )
    SELECT activated_at IS NOT NULL AS activated, disabled_at IS NOT NULL AS is_disabled,
           now() AS now
      FROM accounts
     WHERE id = $3
       AND generation = $4
"
);

impl Session<'_> {
    /// Signs in whoever has proven a password; nothing when it is not the password any more.
    pub async fn sign_in(
        &mut self,
        proven: &Proven,
        better_hash: Option<&PasswordHash>,
    ) -> Result<Option<SignedIn>, StorageError> {
        let (keys, at) = given_back(Some(&proven.taken));
        let parameters: [Parameter<'_>; 5] = [
            (&keys, Type::BYTEA_ARRAY),
            (&at, Type::TIMESTAMPTZ),
            (&proven.id, Type::UUID),
            (&proven.generation, Type::INT4),
            (&better_hash.map(PasswordHash::as_phc), Type::TEXT),
        ];
        let rows = self.query(SIGN_IN, &parameters).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(SignedIn {
            activated: row.try_get("activated")?,
            is_disabled: row.try_get("is_disabled")?,
            now: row.try_get("now")?,
        }))
    }
}
