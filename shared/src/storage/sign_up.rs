//! Attempts and their codes: a sign-up opens an attempt, a resend adds a code.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    columns::{locale, number, place_parameters, seconds},
    connection::{Database, Parameter},
    error::StorageError,
    idempotency::Lease,
    limits::Taken,
};
use domain::{
    attempt::AttemptRules, email::Email, keys::Signed, limits::SubjectLimit, locale::Locale,
    password::PasswordHash,
};

/// A code's new row.
pub struct NewCode {
    pub id: Uuid,
    pub signed: Signed,
    /// The digest of the "this wasn't me" token in the same email.
    pub not_me_digest: Vec<u8>,
}

/// A sign-up.
pub struct NewAttempt<'a> {
    /// The `registration` of the response.
    pub id: Uuid,
    pub email: &'a Email,
    pub password_hash: &'a PasswordHash,
    pub locale: Locale,
    /// The address's budget of wrong guesses, stored with the attempt.
    pub address_guesses: &'a SubjectLimit,
    /// The places that the sign-up took.
    pub places: &'a Taken,
    /// The idempotency key that the request claimed.
    pub key: Option<Lease<'a>>,
}

/// A code that is stored, so that it may be mailed.
#[derive(Debug)]
pub struct StoredCode {
    /// The language of the attempt.
    pub locale: Locale,
    /// The address has an active account: its owner gets a note instead of the code.
    pub has_account: bool,
    /// The deadline until the hand-off is recorded.
    pub expires_at: DateTime<Utc>,
    /// When the place under `ATTEMPT_MAILS` was taken.
    pub mailed_at: DateTime<Utc>,
    /// Seconds until a new code may be requested.
    pub resend_in: u32,
}

#[derive(Debug)]
pub enum ResendOutcome {
    Stored(StoredCode),
    AlreadyActive,
    /// The cooldown has not passed, or all emails of the attempt are used. In seconds.
    TooEarly {
        resend_in: u32,
    },
    /// The attempt has ended or was deleted.
    Gone,
}

const SIGN_UP: &str = "
    SELECT *
      FROM build.sign_up(
               attempt => $1, address => $2, password_hash => $3, locale => $4,
               code => $5, mac => $6, key_id => $7, not_me_digest => $8,
               code_lifetime_seconds => $9, cooldown_seconds => $10, attempt_mails => $11,
               guess_key => $12, guess_capacity => $13, code_guesses => $14,
               places_taken_at => $15, idempotency_key => $16, lease => $17)";

const RESEND: &str = "
    SELECT *
      FROM build.resend(
               attempt => $1, code => $2, mac => $3, key_id => $4, not_me_digest => $5,
               code_lifetime_seconds => $6, cooldown_seconds => $7, attempt_mails => $8,
               limit_keys => $9, places_taken_at => $10)";

impl Database<'_> {
    /// Stores an attempt with its first code. If it fails, gives the places back.
    pub async fn sign_up(
        &mut self,
        attempt: &NewAttempt<'_>,
        code: &NewCode,
        rules: &AttemptRules,
    ) -> Result<StoredCode, StorageError> {
        let parameters: [Parameter<'_>; 17] = [
            (&attempt.id, Type::UUID),
            (&attempt.email.as_str(), Type::TEXT),
            (&attempt.password_hash.as_phc(), Type::TEXT),
            (&attempt.locale.as_str(), Type::TEXT),
            (&code.id, Type::UUID),
            (&code.signed.mac, Type::BYTEA),
            (&code.signed.key_id, Type::TEXT),
            (&code.not_me_digest, Type::BYTEA),
            (&number(rules.code.lifetime_seconds), Type::INT4),
            (&number(rules.resend.cooldown_seconds), Type::INT4),
            (&number(rules.resend.attempt_mails), Type::INT4),
            (&attempt.address_guesses.key, Type::BYTEA),
            (&number(attempt.address_guesses.capacity), Type::INT4),
            (&number(rules.code.guesses), Type::INT4),
            (&attempt.places.at, Type::TIMESTAMPTZ),
            (&attempt.key.map(|lease| lease.key.key), Type::TEXT),
            (&attempt.key.map(|lease| lease.until), Type::TIMESTAMPTZ),
        ];
        let rows = self.query_for_places(SIGN_UP, &parameters, attempt.places).await?;
        stored(rows.first().expect("`sign_up` always returns a row"))
    }

    /// Stores a new code for an attempt whose password was right. Gives back the places that
    /// the password check took.
    pub async fn resend(
        &mut self,
        id: Uuid,
        code: &NewCode,
        rules: &AttemptRules,
        taken: Option<&Taken>,
    ) -> Result<ResendOutcome, StorageError> {
        let (limit_keys, taken_at) = place_parameters(taken);
        let parameters: [Parameter<'_>; 10] = [
            (&id, Type::UUID),
            (&code.id, Type::UUID),
            (&code.signed.mac, Type::BYTEA),
            (&code.signed.key_id, Type::TEXT),
            (&code.not_me_digest, Type::BYTEA),
            (&number(rules.code.lifetime_seconds), Type::INT4),
            (&number(rules.resend.cooldown_seconds), Type::INT4),
            (&number(rules.resend.attempt_mails), Type::INT4),
            (&limit_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
        ];
        let rows = self.query_with_places(RESEND, &parameters, taken).await?;
        let row = rows.first().expect("`resend` always returns a row");
        Ok(match row.try_get("outcome")? {
            "stored" => ResendOutcome::Stored(stored(row)?),
            "already active" => ResendOutcome::AlreadyActive,
            "too early" => ResendOutcome::TooEarly { resend_in: seconds(row, "resend_in")? },
            "gone" => ResendOutcome::Gone,
            unknown => return Err(StorageError::unknown_outcome("resend", unknown)),
        })
    }
}

fn stored(row: &Row) -> Result<StoredCode, StorageError> {
    Ok(StoredCode {
        locale: locale(row, "language")?,
        has_account: row.try_get("has_account")?,
        expires_at: row.try_get("expires_at")?,
        mailed_at: row.try_get("mailed_at")?,
        resend_in: seconds(row, "resend_in")?,
    })
}
