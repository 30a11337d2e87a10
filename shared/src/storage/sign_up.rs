//! Attempts and their codes: opened, reopened, handed off to the mail service.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Session, StorageError},
    limits::{Taken, give_back, number},
};
use crate::domain::{email::Email, keys::Signed, locale::Locale, password::PasswordHash};

/// How long codes live and how often they are mailed.
#[derive(Debug, Clone)]
pub struct MailRules {
    /// Seconds a code lives, counted from its hand-off.
    pub code_lifetime: u32,
    /// Seconds between two mails of an attempt; 0 turns the wait off.
    pub resend_cooldown: u32,
    /// Mails of an attempt in 24 hours; 0 turns the limit off.
    pub attempt_mails: u32,
}

/// A code as it is stored.
pub struct NewCode {
    /// Its row.
    pub id: Uuid,
    /// Its MAC.
    pub signed: Signed,
    /// The digest of the "this wasn't me" token in the same mail.
    pub not_me_digest: Vec<u8>,
}

/// An attempt to be opened.
pub struct NewAttempt<'a> {
    /// Its id, the `registration` of the answer.
    pub id: Uuid,
    /// The address.
    pub email: &'a Email,
    /// The password.
    pub password_hash: &'a PasswordHash,
    /// The language of its mails.
    pub locale: Locale,
    /// The idempotency key that the request carried.
    pub idempotency_key: Option<&'a str>,
}

/// A code is stored, and may now be mailed.
#[derive(Debug)]
pub struct Stored {
    /// The language of the attempt.
    pub locale: Locale,
    /// The address has an active account already: its owner gets a note instead of the code.
    pub is_known: bool,
    /// The deadline until the hand-off is recorded.
    pub expires_at: DateTime<Utc>,
    /// When the place under [`MailRules::attempt_mails`] was taken.
    pub mailed_at: DateTime<Utc>,
    /// Seconds until a new code may be asked for.
    pub resend_in: u32,
}

/// What came of asking for a new code.
#[derive(Debug)]
pub enum Reopened {
    /// It is stored.
    Stored(Stored),
    /// The attempt was activated before.
    AlreadyActive,
    /// Too early, or too often today.
    TooEarly {
        /// Seconds until a new code may be asked for.
        resend_in: u32,
    },
    /// There is no such attempt any more.
    Gone,
}

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

/// The same row whether the address has an active account or not: no code of this row will ever
/// activate it while there is one (see `GUESS`), so nothing else has to differ.
const OPEN: &str = "
    WITH opened AS (
        INSERT INTO accounts (id, email, password_hash, locale, mailed_at, next_mail_at)
        VALUES ($1, $2, $3, $4, ARRAY[now()], now() + make_interval(secs => $5::int4))
     RETURNING id, locale, next_mail_at, mailed_at
    ), code AS (
        INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, expires_at)
        SELECT $7, id, $8, $9, $10, now() + make_interval(secs => $11::int4)
          FROM opened
     RETURNING expires_at
    ), remembered AS (
        UPDATE idempotency_keys SET account_id = $1 WHERE email = $2 AND key = $12
    )
    SELECT opened.locale,
           code.expires_at,
           now() AS mailed_at,
           EXISTS (SELECT FROM accounts
                    WHERE email = $2 AND activated_at IS NOT NULL) AS is_known,
           ceil(extract(epoch FROM greatest(
               opened.next_mail_at,
               opened.mailed_at[2 - $6] + interval '24 hours'
           ) - now()))::int4 AS resend_in
      FROM opened, code
";

/// A new code for an attempt, when cooldown and cap allow it. The attempt's row is locked first,
/// so two resends at once are judged one after the other.
///
/// `$1` and `$2` give back the places that the password's check had taken.
const REOPEN: &str = concat!(
    "
    WITH ",
    give_back!(),
    ", attempt AS MATERIALIZED (
        SELECT id, email, locale, activated_at,
               greatest(next_mail_at,
                        mailed_at[cardinality(mailed_at) - $5 + 1] + interval '24 hours')
                   AS resend_at
          FROM accounts
         WHERE id = $3
           FOR UPDATE
    ), mailed AS (
        UPDATE accounts m
           SET mailed_at = m.mailed_at[cardinality(m.mailed_at) - $5 + 2 :] || now(),
               next_mail_at = now() + make_interval(secs => $4::int4)
          FROM attempt a
         WHERE m.id = a.id
           AND a.activated_at IS NULL
           AND a.resend_at <= now()
     RETURNING m.id, m.next_mail_at, m.mailed_at
    ), code AS (
        INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, expires_at)
        SELECT $6, id, $7, $8, $9, now() + make_interval(secs => $10::int4)
          FROM mailed
     RETURNING expires_at
    )
    SELECT a.locale,
           a.activated_at IS NOT NULL AS is_active,
           code.expires_at,
           now() AS mailed_at,
           EXISTS (SELECT FROM accounts k
                    WHERE k.email = a.email AND k.activated_at IS NOT NULL) AS is_known,
           ceil(extract(epoch FROM greatest(
               coalesce(m.next_mail_at, a.resend_at),
               m.mailed_at[cardinality(m.mailed_at) - $5 + 1] + interval '24 hours'
           ) - now()))::int4 AS resend_in
      FROM attempt a
      LEFT JOIN mailed m ON true
      LEFT JOIN code ON true
"
);

/// SES has the mail: the minute counts from now.
const HAND_OFF: &str = "
    WITH started AS (
        UPDATE codes
           SET expires_at = now() + make_interval(secs => $2::int4)
         WHERE id = $1
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
    ), released AS (
        UPDATE idempotency_keys SET running_until = NULL WHERE email = $7 AND key = $8
    )
    SELECT 1
"
);

impl Session<'_> {
    /// Stores an attempt with its first code.
    pub async fn open_attempt(
        &mut self,
        attempt: &NewAttempt<'_>,
        code: &NewCode,
        rules: &MailRules,
    ) -> Result<Stored, StorageError> {
        let row = self
            .query_one(
                OPEN,
                &[
                    (&attempt.id, Type::UUID),
                    (&attempt.email.as_str(), Type::TEXT),
                    (&attempt.password_hash.as_phc(), Type::TEXT),
                    (&attempt.locale.as_str(), Type::TEXT),
                    (&number(rules.resend_cooldown), Type::INT4),
                    (&number(rules.attempt_mails), Type::INT4),
                    (&code.id, Type::UUID),
                    (&code.signed.mac, Type::BYTEA),
                    (&code.signed.key_id, Type::TEXT),
                    (&code.not_me_digest, Type::BYTEA),
                    (&number(rules.code_lifetime), Type::INT4),
                    (&attempt.idempotency_key, Type::TEXT),
                ],
            )
            .await?;
        stored(&row)
    }

    /// Stores a new code for an attempt; its owner's password was right, so the places that
    /// checking it had taken are given back.
    pub async fn reopen_attempt(
        &mut self,
        id: Uuid,
        code: &NewCode,
        rules: &MailRules,
        taken: Option<&Taken>,
    ) -> Result<Reopened, StorageError> {
        let (keys, at) = given_back(taken);
        let rows = self
            .query(
                REOPEN,
                &[
                    (&keys, Type::BYTEA_ARRAY),
                    (&at, Type::TIMESTAMPTZ),
                    (&id, Type::UUID),
                    (&number(rules.resend_cooldown), Type::INT4),
                    (&number(rules.attempt_mails), Type::INT4),
                    (&code.id, Type::UUID),
                    (&code.signed.mac, Type::BYTEA),
                    (&code.signed.key_id, Type::TEXT),
                    (&code.not_me_digest, Type::BYTEA),
                    (&number(rules.code_lifetime), Type::INT4),
                ],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(Reopened::Gone) };
        if row.try_get("is_active")? {
            return Ok(Reopened::AlreadyActive);
        }
        match row.try_get::<_, Option<DateTime<Utc>>>("expires_at")? {
            Some(_) => Ok(Reopened::Stored(stored(row)?)),
            None => Ok(Reopened::TooEarly { resend_in: seconds(row, "resend_in")? }),
        }
    }

    /// Starts the code's minute: SES has its mail.
    pub async fn hand_off(
        &mut self,
        code: &NewCode,
        rules: &MailRules,
        idempotency_key: Option<(&Email, &str)>,
    ) -> Result<HandedOff, StorageError> {
        let row = self
            .query_one(
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
        Ok(HandedOff {
            expires_at: row.try_get("expires_at")?,
            expires_in: seconds(&row, "expires_in")?,
            resend_in: seconds(&row, "resend_in")?,
        })
    }

    /// Undoes what a mail that was not accepted must not cost.
    pub async fn hand_off_failed(
        &mut self,
        failed: &FailedMail,
        taken: Option<&Taken>,
        idempotency_key: Option<(&Email, &str)>,
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
                (&idempotency_key.map(|(email, _)| email.as_str()), Type::TEXT),
                (&idempotency_key.map(|(_, key)| key), Type::TEXT),
            ],
        )
        .await
        .map(drop)
    }
}

/// The parameters of `give_back!`: nothing, when nothing was taken.
pub(super) fn given_back(taken: Option<&Taken>) -> (&[Vec<u8>], DateTime<Utc>) {
    taken.map_or((&[], DateTime::UNIX_EPOCH), |taken| (taken.keys.as_slice(), taken.at))
}

/// A number of seconds that a statement computed: never negative.
pub(super) fn seconds(row: &Row, column: &str) -> Result<u32, StorageError> {
    let seconds: Option<i32> = row.try_get(column)?;
    Ok(seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0))
}

fn stored(row: &Row) -> Result<Stored, StorageError> {
    let locale: String = row.try_get("locale")?;
    Ok(Stored {
        locale: Locale::from_tag(&locale).unwrap_or_default(),
        is_known: row.try_get("is_known")?,
        expires_at: row.try_get("expires_at")?,
        mailed_at: row.try_get("mailed_at")?,
        resend_in: seconds(row, "resend_in")?,
    })
}
