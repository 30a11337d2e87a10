//! Password reset links.

use tokio_postgres::{Row, types::Type};

use super::{
    columns::{email, locale, place_parameters},
    connection::{Database, Parameter},
    error::StorageError,
    limits::Taken,
};
use domain::{email::Email, locale::Locale, password::PasswordHash};

/// Whose password a link changes.
#[derive(Debug)]
pub struct LinkOwner {
    pub email: Email,
    pub locale: Locale,
}

const OPEN_LINK: &str = "SELECT locale FROM build.open_link(address => $1, link_digest => $2)";

const VOID_LINK: &str = "
    SELECT build.void_link(link_digest => $1, limit_keys => $2, places_taken_at => $3)";

const FIND_LINK: &str = "SELECT email, locale FROM build.find_link(link_digest => $1)";

const USE_LINK: &str = "SELECT account FROM build.use_link(link_digest => $1, new_hash => $2)";

impl Database<'_> {
    /// Stores a link for the account of this address, and returns the language of its email. `None`
    /// if the address has no account, or a disabled one. If it fails, gives the places back.
    pub async fn open_link(
        &mut self,
        email: &Email,
        digest: &[u8],
        taken: &Taken,
    ) -> Result<Option<Locale>, StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&email.as_str(), Type::TEXT), (&digest, Type::BYTEA)];
        self.query_for_places(OPEN_LINK, &parameters, taken)
            .await?
            .first()
            .map(|row| locale(row, "locale"))
            .transpose()
    }

    /// SES refused the email: deletes the link and gives the places back.
    pub async fn void_link(&mut self, digest: &[u8], taken: &Taken) -> Result<(), StorageError> {
        let (limit_keys, taken_at) = place_parameters(Some(taken));
        let parameters: [Parameter<'_>; 3] = [
            (&digest, Type::BYTEA),
            (&limit_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
        ];
        self.query(VOID_LINK, &parameters).await.map(drop)
    }

    /// Whose password this link would change, if it is still valid.
    pub async fn find_link(&mut self, digest: &[u8]) -> Result<Option<LinkOwner>, StorageError> {
        let rows = self.query(FIND_LINK, &[(&digest, Type::BYTEA)]).await?;
        let read = |row: &Row| Ok(LinkOwner { email: email(row)?, locale: locale(row, "locale")? });
        rows.first().map(read).transpose()
    }

    /// Changes the password, and returns whether the link was still valid. Ends every session and
    /// every other link.
    pub async fn use_link(
        &mut self,
        digest: &[u8],
        password_hash: &PasswordHash,
    ) -> Result<bool, StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&digest, Type::BYTEA), (&password_hash.as_phc(), Type::TEXT)];
        Ok(!self.query(USE_LINK, &parameters).await?.is_empty())
    }
}
