//! "This wasn't me": the recipient of an attempt's emails voids it, or disables the account that it
//! became.

use tokio_postgres::types::Type;

use super::{
    columns::{email, number},
    connection::{Database, Parameter},
    error::StorageError,
};
use domain::{email::Email, limits::SubjectLimit};

const FIND_NOT_ME: &str = "SELECT email FROM build.find_not_me(digest => $1)";

const NOT_ME: &str = "
    SELECT build.not_me(digest => $1, limit_key => $2, capacity => $3, window_seconds => $4)";

impl Database<'_> {
    /// The address to which the token was mailed, if the token is still valid.
    pub async fn find_not_me(&mut self, digest: &[u8]) -> Result<Option<Email>, StorageError> {
        let rows = self.query(FIND_NOT_ME, &[(&digest, Type::BYTEA)]).await?;
        rows.first().map(email).transpose()
    }

    /// Voids the attempt whose email contained the token, or disables the account that it became,
    /// and takes every place of its address under the limit on sign-ups.
    pub async fn not_me(
        &mut self,
        digest: &[u8],
        sign_ups: &SubjectLimit,
    ) -> Result<(), StorageError> {
        let parameters: [Parameter<'_>; 4] = [
            (&digest, Type::BYTEA),
            (&sign_ups.key, Type::BYTEA),
            (&number(sign_ups.capacity), Type::INT4),
            (&number(sign_ups.window_seconds), Type::INT4),
        ];
        self.query(NOT_ME, &parameters).await.map(drop)
    }
}
