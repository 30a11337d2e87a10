//! Who may look after all accounts.

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
    /// Gives this role to the account of an address, and returns its id: `None` if there is no active
    /// one, or if it is disabled and the role is not `member`.
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
            match self.database().query(GRANT_ROLE, &parameters).await {
                Err(error) if error.is_in_use() && Instant::now() < until => {}
                rows => return rows?.first().map(|row| Ok(row.try_get("account")?)).transpose(),
            }
        }
    }
}
