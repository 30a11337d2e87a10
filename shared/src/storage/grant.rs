//! Who may look after all accounts.

use std::time::Instant;

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connection::{Parameter, Storage, StorageError};
use crate::domain::{email::Email, role::Role};

/// Only to somebody who may sign in: a disabled account gets no rights that it would have later.
const GRANT: &str = "
    WITH granted AS (
        UPDATE accounts
           SET role = $2
         WHERE email = $1
           AND activated_at IS NOT NULL
           AND disabled_at IS NULL
     RETURNING id
    ), noted AS (
        INSERT INTO audit_log (action, account_id) SELECT 'granted: ' || $2, id FROM granted
    )
    SELECT id FROM granted
";

impl Storage {
    /// Gives this role to the account of an address, and its id; nothing if there is no active one.
    /// Tries again until then as long as somebody else is at work on it.
    pub async fn grant(
        &self,
        email: &Email,
        role: Role,
        until: Instant,
    ) -> Result<Option<Uuid>, StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&email.as_str(), Type::TEXT), (&role.name(), Type::TEXT)];
        loop {
            match self.session().query(GRANT, &parameters).await {
                Err(error) if error.is_in_use() && Instant::now() < until => {}
                rows => return rows?.first().map(|row| Ok(row.try_get("id")?)).transpose(),
            }
        }
    }
}
