//! Gives a role to an account.

use std::time::Instant;

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{
    connection::{Parameter, Pool},
    error::StorageError,
};
use domain::{email::Email, role::Role};

const GRANT_ROLE: &str = "SELECT account FROM build.grant_role(address => $1, new_role => $2)";

impl Pool {
    /// Gives this role to the account of an address, and returns its id. `None` if the address has
    /// no active account, or if the account is disabled and the role is not `member`. Retries while
    /// another call has the row locked, until `until`.
    pub async fn grant(
        &self,
        email: &Email,
        role: Role,
        until: Instant,
    ) -> Result<Option<Uuid>, StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&email.as_str(), Type::TEXT), (&role.name(), Type::TEXT)];
        loop {
            match self.database().query(GRANT_ROLE, &parameters).await {
                Err(error) if error.is_in_use() && Instant::now() < until => {}
                rows => return rows?.first().map(|row| Ok(row.try_get("account")?)).transpose(),
            }
        }
    }
}
