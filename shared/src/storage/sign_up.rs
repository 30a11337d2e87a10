//! Attempts and their codes: a sign-up opens one, a resend adds a code.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    columns::{given_back, locale, number, seconds},
    connection::{Database, Parameter},
    error::StorageError,
    idempotency::Lease,
    limits::Taken,
};
use domain::{
    attempt::AttemptRules, email::Email, keys::Signed, limits::Place, locale::Locale,
    password::PasswordHash,
};

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
    /// Wrong guesses at the address: the budget is stored with the attempt.
    pub address_guesses: &'a Place,
    /// The places that it takes.
    pub places: &'a Taken,
    /// The idempotency key that the request has claimed.
    pub key: Option<Lease<'a>>,
}

/// A code is stored, and may now be mailed.
#[derive(Debug)]
pub struct StoredCode {
    /// The language of the attempt.
    pub locale: Locale,
    /// The address has an active account already: its owner gets a note instead of the code.
    pub is_known: bool,
    /// The deadline until the hand-off is recorded.
    pub expires_at: DateTime<Utc>,
    /// When the place under `ATTEMPT_MAILS` was taken.
    pub mailed_at: DateTime<Utc>,
    /// Seconds until a new code may be asked for.
    pub resend_in: u32,
}

/// What came of asking for a new code.
#[derive(Debug)]
pub enum ResendOutcome {
    /// It is stored.
    Stored(StoredCode),
    /// The attempt was activated before.
    AlreadyActive,
    /// Too early, or too often today.
    TooEarly {
        /// Seconds until a new code may be asked for.
        resend_in: u32,
    },
    /// The attempt has ended, or was deleted.
    Gone,
}

const SIGN_UP: &str = "
    SELECT *
      FROM build.sign_up(
               attempt => $1, address => $2, password_hash => $3, locale => $4,
               code => $5, mac => $6, key_id => $7, not_me_digest => $8,
               code_lifetime => $9, resend_cooldown => $10, attempt_mails => $11,
               guess_key => $12, guess_capacity => $13, code_guesses => $14,
               places_taken_at => $15, idempotency_key => $16, lease => $17)";

const RESEND: &str = "
    SELECT *
      FROM build.resend(
               attempt => $1, code => $2, mac => $3, key_id => $4, not_me_digest => $5,
               code_lifetime => $6, resend_cooldown => $7, attempt_mails => $8,
               place_keys => $9, places_taken_at => $10)";

impl Database<'_> {
    /// Stores an attempt with its first code, or gives its places back.
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
        stored(rows.first().expect("it answers every sign-up"))
    }

    /// Stores a new code for an attempt; its owner's password was right, so the places that
    /// checking it had taken are given back.
    pub async fn resend(
        &mut self,
        id: Uuid,
        code: &NewCode,
        rules: &AttemptRules,
        taken: Option<&Taken>,
    ) -> Result<ResendOutcome, StorageError> {
        let (place_keys, taken_at) = given_back(taken);
        let parameters: [Parameter<'_>; 10] = [
            (&id, Type::UUID),
            (&code.id, Type::UUID),
            (&code.signed.mac, Type::BYTEA),
            (&code.signed.key_id, Type::TEXT),
            (&code.not_me_digest, Type::BYTEA),
            (&number(rules.code.lifetime_seconds), Type::INT4),
            (&number(rules.resend.cooldown_seconds), Type::INT4),
            (&number(rules.resend.attempt_mails), Type::INT4),
            (&place_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
        ];
        let rows = self.query_with_places(RESEND, &parameters, taken).await?;
        let row = rows.first().expect("it answers every resend");
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
        is_known: row.try_get("is_known")?,
        expires_at: row.try_get("expires_at")?,
        mailed_at: row.try_get("mailed_at")?,
        resend_in: seconds(row, "resend_in")?,
    })
}
