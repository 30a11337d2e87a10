//! Records whether SES accepted a code's email.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{
    columns::{number, seconds},
    connection::{Database, Parameter},
    error::StorageError,
    idempotency::Lease,
    limits::Taken,
    sign_up::NewCode,
};
use domain::attempt::AttemptRules;

/// An email that SES did not accept.
pub struct FailedMail<'a> {
    pub attempt: Uuid,
    pub code: Uuid,
    /// When its place under `ATTEMPT_MAILS` was taken.
    pub mailed_at: DateTime<Utc>,
    /// SES refused it. If false, the email may be on its way, so the code stays alive.
    pub is_refused: bool,
    /// The idempotency key of the sign-up, released for the next request.
    pub key: Option<Lease<'a>>,
}

/// The deadline of a code whose minute has begun. Waits are in seconds.
#[derive(Debug)]
pub struct CodeTimes {
    pub expires_at: DateTime<Utc>,
    pub expires_in: u32,
    /// Until a new code may be requested.
    pub resend_in: u32,
}

const RECORD_HAND_OFF: &str = "
    SELECT *
      FROM build.record_hand_off(
               code => $1, code_lifetime_seconds => $2, attempt_mails => $3,
               address => $4, idempotency_key => $5, lease => $6)";

const RECORD_FAILED_HAND_OFF: &str = "
    SELECT build.record_failed_hand_off(
               attempt => $1, code => $2, mailed_at => $3, refused => $4,
               limit_keys => $5, places_taken_at => $6, address => $7, idempotency_key => $8,
               lease => $9)";

impl Database<'_> {
    /// Starts the code's minute: SES has accepted its email. `None` if the account was deleted in
    /// the meantime.
    pub async fn record_hand_off(
        &mut self,
        code: &NewCode,
        rules: &AttemptRules,
        key: Option<Lease<'_>>,
    ) -> Result<Option<CodeTimes>, StorageError> {
        let parameters: [Parameter<'_>; 6] = [
            (&code.id, Type::UUID),
            (&number(rules.code.lifetime_seconds), Type::INT4),
            (&number(rules.resend.attempt_mails), Type::INT4),
            (&key.map(|lease| lease.key.email.as_str()), Type::TEXT),
            (&key.map(|lease| lease.key.key), Type::TEXT),
            (&key.map(|lease| lease.until), Type::TIMESTAMPTZ),
        ];
        let rows = self.query(RECORD_HAND_OFF, &parameters).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(CodeTimes {
            expires_at: row.try_get("ends_at")?,
            expires_in: rules.code.lifetime_seconds,
            resend_in: seconds(row, "resend_in")?,
        }))
    }

    /// Ends the cooldown of an email that SES did not accept. `sign_up` holds the places of a
    /// sign-up: if SES refused its email, they are given back and the attempt is deleted.
    pub async fn record_failed_hand_off(
        &mut self,
        failed: &FailedMail<'_>,
        sign_up: Option<&Taken>,
    ) -> Result<(), StorageError> {
        let limit_keys = sign_up.map(|taken| taken.keys.as_slice());
        let taken_at = sign_up.map(|taken| taken.at);
        let parameters: [Parameter<'_>; 9] = [
            (&failed.attempt, Type::UUID),
            (&failed.code, Type::UUID),
            (&failed.mailed_at, Type::TIMESTAMPTZ),
            (&failed.is_refused, Type::BOOL),
            (&limit_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
            (&failed.key.map(|lease| lease.key.email.as_str()), Type::TEXT),
            (&failed.key.map(|lease| lease.key.key), Type::TEXT),
            (&failed.key.map(|lease| lease.until), Type::TIMESTAMPTZ),
        ];
        self.query(RECORD_FAILED_HAND_OFF, &parameters).await.map(drop)
    }
}
