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
