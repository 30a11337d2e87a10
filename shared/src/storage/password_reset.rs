//! Links to a new password.

use tokio_postgres::{Row, types::Type};

use super::{
    accounts::{email, locale},
    connection::{Parameter, Session, StorageError},
    limits::{Taken, give_back},
    sign_up::given_back,
};
use crate::domain::{email::Email, locale::Locale, password::PasswordHash};

/// Whose password a link changes.
#[derive(Debug)]
pub struct LinkOwner {
    /// The address.
    pub email: Email,
    /// The language of its mails.
    pub locale: Locale,
}

/// A link for an active account; for anybody else a row that is nobody's, so that as much is
/// written. It ends with the account's generation, so no link outlives a change of the password.
///
/// The account is locked as its row's reference will: one that is deleted at this moment is
/// nobody's from here on.
const OPEN_LINK: &str = "
    WITH owner AS (
        SELECT id, locale, generation
          FROM accounts
         WHERE email = $1
           AND activated_at IS NOT NULL
           AND disabled_at IS NULL
           FOR KEY SHARE
    ), link AS (
        INSERT INTO password_resets (digest, account_id, generation, expires_at)
        VALUES ($2, (SELECT id FROM owner), (SELECT generation FROM owner),
                now() + interval '15 minutes')
    )
    SELECT locale FROM owner
";

/// SES refused the mail: the caps are given back (`$1`, `$2`), and the link is void.
const LINK_REFUSED: &str = concat!(
    "WITH ",
    give_back!(),
    ", void AS (DELETE FROM password_resets WHERE digest = $3) SELECT 1"
);

/// The account that a link is good for.
macro_rules! link {
    () => {
        "
      FROM password_resets l
      JOIN accounts a ON a.id = l.account_id
     WHERE l.digest = $1
       AND l.expires_at > now()
       AND l.generation = a.generation
       AND a.activated_at IS NOT NULL
       AND a.disabled_at IS NULL"
    };
}

const FIND_LINK: &str = concat!("SELECT a.email, a.locale", link!());

/// The link is used up and the password changed, or neither. Of two links, or of one used twice, at
/// the same moment, the second finds the account in its next generation.
const USE_LINK: &str = concat!(
    "
    WITH link AS (
        SELECT a.id, a.generation",
    link!(),
    "
    ), changed AS (
        UPDATE accounts
           SET password_hash = $2,
               generation = accounts.generation + 1
          FROM link
         WHERE accounts.id = link.id
           AND accounts.generation = link.generation
     RETURNING accounts.id
    ), used AS (
        DELETE FROM password_resets WHERE account_id = (SELECT id FROM changed)
    ), logged AS (
        INSERT INTO audit_log (action, account_id) SELECT 'password reset', id FROM changed
    )
    SELECT id FROM changed
"
);

impl Session<'_> {
    /// Makes a link for the account of this address, and tells the language of its mail; nothing
    /// when there is no account that could be signed in to.
    pub async fn open_link(
        &mut self,
        email: &Email,
        digest: &[u8],
    ) -> Result<Option<Locale>, StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&email.as_str(), Type::TEXT), (&digest, Type::BYTEA)];
        self.query(OPEN_LINK, &parameters).await?.first().map(locale).transpose()
    }

    /// Undoes what a mail that SES refused must not cost.
    pub async fn link_refused(&mut self, digest: &[u8], taken: &Taken) -> Result<(), StorageError> {
        let (keys, at) = given_back(Some(taken));
        let parameters: [Parameter<'_>; 3] =
            [(&keys, Type::BYTEA_ARRAY), (&at, Type::TIMESTAMPTZ), (&digest, Type::BYTEA)];
        self.query(LINK_REFUSED, &parameters).await.map(drop)
    }

    /// Whose password this link would change, if it still works.
    pub async fn find_link(&mut self, digest: &[u8]) -> Result<Option<LinkOwner>, StorageError> {
        let rows = self.query(FIND_LINK, &[(&digest, Type::BYTEA)]).await?;
        let read = |row: &Row| Ok(LinkOwner { email: email(row)?, locale: locale(row)? });
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
