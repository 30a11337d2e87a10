//! A code's mail: accepted by SES, or not.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{
    connection::{Session, StorageError},
    limits::{Taken, give_back, number},
    sign_up::{MailRules, NewCode, given_back, seconds},
};
use crate::domain::email::Email;

/// A mail that SES did not accept.
pub struct FailedMail {
    /// Whose mail.
    pub attempt: Uuid,
    /// The code in it.
    pub code: Uuid,
    /// When its place under [`MailRules::attempt_mails`] was taken.
    pub mailed_at: DateTime<Utc>,
    /// SES said no, so it is not on its way. Else nobody knows, and the code stays alive.
    pub is_refused: bool,
}

/// The code's minute has begun.
#[derive(Debug)]
pub struct HandedOff {
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Seconds until then.
    pub expires_in: u32,
    /// Seconds until a new code may be asked for.
    pub resend_in: u32,
}

/// SES has the mail: the minute counts from now. The key is locked before the code, as in `DELETE`.
const HAND_OFF: &str = "
    WITH held AS MATERIALIZED (
        SELECT FROM idempotency_keys WHERE email = $4 AND key = $5 FOR UPDATE
    ), started AS (
        UPDATE codes
           SET expires_at = now() + make_interval(secs => $2::int4)
         WHERE id = $1
           AND (SELECT count(*) FROM held) >= 0
     RETURNING account_id, expires_at
    ), answered AS (
        UPDATE idempotency_keys k
           SET running_until = NULL,
               expires_at = started.expires_at
          FROM started
         WHERE k.email = $4
           AND k.key = $5
    )
    SELECT started.expires_at,
           $2::int4 AS expires_in,
           ceil(extract(epoch FROM greatest(
               a.next_mail_at,
               a.mailed_at[cardinality(a.mailed_at) - $3 + 1] + interval '24 hours'
           ) - now()))::int4 AS resend_in
      FROM started
      JOIN accounts a ON a.id = started.account_id
";

/// SES did not take the mail, or nobody knows (`$3`: it refused for sure). The cooldown is given
/// back; after a refusal so are the caps (`$1`, `$2`, the attempt's mail), and the code is void.
/// The attempt is locked before its code, as in `GUESS`.
const HAND_OFF_FAILED: &str = concat!(
    "
    WITH ",
    give_back!(),
    ", attempt AS (
        UPDATE accounts a
           SET next_mail_at = now(),
               mailed_at = CASE WHEN $3 AND $6 = ANY (a.mailed_at)
                                THEN a.mailed_at[: array_position(a.mailed_at, $6) - 1]
                                  || a.mailed_at[array_position(a.mailed_at, $6) + 1 :]
                                ELSE a.mailed_at END
         WHERE id = $4
     RETURNING id
    ), code AS (
        UPDATE codes
           SET expires_at = now()
          FROM attempt
         WHERE codes.id = $5
           AND codes.account_id = attempt.id
           AND $3
    )
    SELECT 1
"
);

impl Session<'_> {
    /// Starts the code's minute: SES has its mail. Nothing when all that holds the address was
    /// deleted meanwhile.
    pub async fn hand_off(
        &mut self,
        code: &NewCode,
        rules: &MailRules,
        idempotency_key: Option<(&Email, &str)>,
    ) -> Result<Option<HandedOff>, StorageError> {
        let rows = self
            .query(
                HAND_OFF,
                &[
                    (&code.id, Type::UUID),
                    (&number(rules.code_lifetime), Type::INT4),
                    (&number(rules.attempt_mails), Type::INT4),
                    (&idempotency_key.map(|(email, _)| email.as_str()), Type::TEXT),
                    (&idempotency_key.map(|(_, key)| key), Type::TEXT),
                ],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(HandedOff {
            expires_at: row.try_get("expires_at")?,
            expires_in: seconds(row, "expires_in")?,
            resend_in: seconds(row, "resend_in")?,
        }))
    }

    /// Undoes what a mail that was not accepted must not cost.
    pub async fn hand_off_failed(
        &mut self,
        failed: &FailedMail,
        taken: Option<&Taken>,
    ) -> Result<(), StorageError> {
        let (keys, at) = given_back(taken.filter(|_| failed.is_refused));
        self.query(
            HAND_OFF_FAILED,
            &[
                (&keys, Type::BYTEA_ARRAY),
                (&at, Type::TIMESTAMPTZ),
                (&failed.is_refused, Type::BOOL),
                (&failed.attempt, Type::UUID),
                (&failed.code, Type::UUID),
                (&failed.mailed_at, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(drop)
    }
}
