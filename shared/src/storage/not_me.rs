//! "This wasn't me": an attempt is voided by whoever reads its mails.

use tokio_postgres::types::Type;

use super::{
    accounts::email,
    connection::{Session, StorageError},
    limits::number,
};
use crate::domain::{email::Email, limits::Place};

/// Whose mail the token stood in. It works for 24 hours, and once.
const FIND_NOT_ME: &str = "
    SELECT a.email
      FROM codes c
      JOIN accounts a ON a.id = c.account_id
     WHERE c.not_me_digest = $1
       AND c.not_me_at IS NULL
       AND c.created_at > now() - interval '24 hours'
";

/// Carries out what the link promises, and does nothing for a token that is unknown, old or used.
///
/// The attempt is locked first, then the code, as in `GUESS`: an activation at the same moment
/// comes either before, and the account is disabled, or after, and finds the attempt voided.
///
/// `$1` digest of the token, `$2` and `$3` the limit on the address's sign-ups.
const NOT_ME: &str = "
    WITH attempt AS MATERIALIZED (
        SELECT id,
               activated_at IS NULL AS is_pending,
               coalesce(activated_at > now() - interval '24 hours', false) AS is_fresh
          FROM accounts
         WHERE id = (SELECT account_id FROM codes WHERE not_me_digest = $1)
           FOR UPDATE
    ), mailed AS MATERIALIZED (
        SELECT c.id, a.id AS account_id, a.is_pending, a.is_fresh
          FROM attempt a
          JOIN codes c ON c.account_id = a.id
         WHERE c.not_me_digest = $1
           AND c.not_me_at IS NULL
           AND c.created_at > now() - interval '24 hours'
           FOR UPDATE OF c
    ), ended AS (
        UPDATE codes
           SET expires_at = least(codes.expires_at, now()),
               not_me_at = CASE WHEN codes.id = m.id THEN now() ELSE codes.not_me_at END
          FROM mailed m
         WHERE codes.account_id = m.account_id
           AND (codes.id = m.id OR codes.expires_at > now())
    ), voided AS (
        UPDATE accounts
           SET voided_at = CASE WHEN m.is_pending
                                THEN coalesce(voided_at, now()) ELSE voided_at END,
               -- Whoever opened the attempt cannot have it mailed again.
               next_mail_at = CASE WHEN m.is_pending
                                   THEN greatest(next_mail_at, now() + interval '24 hours')
                                   ELSE next_mail_at END,
               disabled_at = CASE WHEN m.is_fresh
                                  THEN coalesce(disabled_at, now()) ELSE disabled_at END,
               -- Its sessions end.
               generation = generation + (m.is_pending OR m.is_fresh)::int4
          FROM mailed m
         WHERE accounts.id = m.account_id
    ), used_up AS (
        INSERT INTO limits AS l (key, places, seconds, taken)
        SELECT $2, $3, 86400, array_fill(now(), ARRAY[$3])
          FROM mailed
         WHERE $3 > 0
            ON CONFLICT (key) DO UPDATE
           SET places = excluded.places,
               seconds = excluded.seconds,
               taken = excluded.taken
    ), logged AS (
        INSERT INTO audit_log (action, account_id)
        SELECT CASE WHEN is_fresh THEN 'disabled: not me' ELSE 'voided: not me' END, account_id
          FROM mailed
    )
    SELECT 1
";

impl Session<'_> {
    /// The address that the token was mailed to, if the token still works.
    pub async fn find_not_me(&mut self, digest: &[u8]) -> Result<Option<Email>, StorageError> {
        let rows = self.query(FIND_NOT_ME, &[(&digest, Type::BYTEA)]).await?;
        rows.first().map(email).transpose()
    }

    /// Voids the attempt in whose mail the token stood, and takes every place that its address
    /// has under the limit on sign-ups.
    pub async fn not_me(&mut self, digest: &[u8], sign_ups: &Place) -> Result<(), StorageError> {
        let parameters: [super::connection::Parameter<'_>; 3] = [
            (&digest, Type::BYTEA),
            (&sign_ups.key, Type::BYTEA),
            (&number(sign_ups.places), Type::INT4),
        ];
        self.query(NOT_ME, &parameters).await.map(drop)
    }
}
