//! Links to a new password.

use tokio_postgres::{Row, types::Type};

use super::{
    columns::{email, given_back, locale},
    connection::{Database, Parameter},
    error::StorageError,
    limits::Taken,
};
use domain::{email::Email, locale::Locale, password::PasswordHash};

/// Whose password a link changes.
#[derive(Debug)]
pub struct LinkOwner {
    /// The address.
    pub email: Email,
    /// The language of its mails.
    pub locale: Locale,
}

const OPEN_LINK: &str = "SELECT locale FROM build.open_link(address => $1, link_digest => $2)";

const VOID_LINK: &str = "
    SELECT build.void_link(link_digest => $1, place_keys => $2, places_taken_at => $3)";

const FIND_LINK: &str = "SELECT email, locale FROM build.find_link(link_digest => $1)";

const USE_LINK: &str = "SELECT account FROM build.use_link(link_digest => $1, new_hash => $2)";

impl Database<'_> {
    /// Makes a link for the account of this address, and tells the language of its mail; nothing
    /// when there is no account that could be signed in to. If it fails, the places come back.
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

    /// Undoes what a mail that SES refused must not cost.
    pub async fn link_refused(&mut self, digest: &[u8], taken: &Taken) -> Result<(), StorageError> {
        let (place_keys, taken_at) = given_back(Some(taken));
        let parameters: [Parameter<'_>; 3] = [
            (&digest, Type::BYTEA),
            (&place_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
        ];
        self.query(VOID_LINK, &parameters).await.map(drop)
    }

    /// Whose password this link would change, if it still works.
    pub async fn find_link(&mut self, digest: &[u8]) -> Result<Option<LinkOwner>, StorageError> {
        let rows = self.query(FIND_LINK, &[(&digest, Type::BYTEA)]).await?;
        let read = |row: &Row| Ok(LinkOwner { email: email(row)?, locale: locale(row, "locale")? });
        rows.first().map(read).transpose()
    }

    /// Uses the link, and says whether it still worked. Every session and every other link ends.
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
