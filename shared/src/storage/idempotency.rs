//! Idempotency keys: the same sign-up sent twice opens one attempt and mails one code.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{
    columns::{number, seconds},
    connection::{Database, Parameter},
    error::StorageError,
    limits::{Taken, Wanted},
};
use domain::{email::Email, limits::SubjectLimit};

/// The idempotency key of a sign-up. It belongs to its address.
#[derive(Debug, Clone, Copy)]
pub struct SignUpKey<'a> {
    pub email: &'a Email,
    /// As the caller chose it.
    pub key: &'a str,
}

/// The right of one request to work with an idempotency key. Once another request has taken over,
/// the first can no longer change the key.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    pub key: SignUpKey<'a>,
    /// When the lease ends. It identifies the lease: no two leases of a key end at the same time.
    pub until: DateTime<Utc>,
}

/// What the database knows about an idempotency key. Waits are in seconds.
#[derive(Debug)]
pub enum KeyOutcome<'a> {
    /// Nothing: proceed with the places taken.
    Fresh(Taken, Lease<'a>),
    /// A limit has no place left. Reveals nothing about the key and writes nothing.
    Refused { retry_after: u32 },
    /// An earlier request opened this attempt, but SES did not accept its email: send again.
    Resume(Uuid, Lease<'a>),
    /// The sign-up is complete: repeat its response.
    Done {
        registration: Uuid,
        expires_at: DateTime<Utc>,
        /// 0 if the code has expired.
        expires_in: u32,
        /// Until a new code may be requested.
        resend_in: u32,
    },
    /// The first request with this key is still running.
    Running,
    /// The key was used with another payload.
    Reused,
}

const CLAIM_KEY: &str = "
    SELECT *
      FROM build.claim_key(
               address => $1, idempotency_key => $2, payload_macs => $3, lease_seconds => $4,
               attempt_mails => $5, limit_keys => $6, capacities => $7, window_seconds => $8,
               failure_keys => $9, failure_capacities => $10, failure_window_seconds => $11)";

const RELEASE_KEY: &str = "
    SELECT build.release_key(address => $1, idempotency_key => $2, lease => $3)";

/// A request that has not ended by then was cut off: the function's timeout is shorter.
const LEASE_SECONDS: i32 = 20;

/// The input of [`Database::claim_key`].
pub struct KeyClaim<'a> {
    pub key: SignUpKey<'a>,
    /// The MACs of the payload under every secret key, the signing one's first.
    pub payload_macs: &'a [Vec<u8>],
    /// Emails per attempt.
    pub attempt_mails: u32,
    /// The limits under which a sign-up takes a place.
    pub sign_up: &'a [SubjectLimit],
    /// The limits under which a different payload takes a place, like a wrong password.
    pub failure: &'a [SubjectLimit],
}

impl Database<'_> {
    /// Claims an idempotency key for a sign-up, and takes the places that the sign-up needs.
    pub async fn claim_key<'a>(
        &mut self,
        claim: &KeyClaim<'a>,
    ) -> Result<KeyOutcome<'a>, StorageError> {
        let (sign_up, failure) = (Wanted::of(claim.sign_up), Wanted::of(claim.failure));
        let [limit_keys, capacities, window_seconds] = sign_up.parameters();
        let [failure_keys, failure_capacities, failure_window_seconds] = failure.parameters();
        let parameters: [Parameter<'_>; 11] = [
            (&claim.key.email.as_str(), Type::TEXT),
            (&claim.key.key, Type::TEXT),
            (&claim.payload_macs, Type::BYTEA_ARRAY),
            (&LEASE_SECONDS, Type::INT4),
            (&number(claim.attempt_mails), Type::INT4),
            limit_keys,
            capacities,
            window_seconds,
            failure_keys,
            failure_capacities,
            failure_window_seconds,
        ];
        let row = self.query_one(CLAIM_KEY, &parameters).await?;
        let lease = || -> Result<_, StorageError> {
            Ok(Lease { key: claim.key, until: row.try_get("lease")? })
        };
        Ok(match row.try_get("outcome")? {
            "fresh" => KeyOutcome::Fresh(sign_up.taken(&row)?, lease()?),
            "refused" => KeyOutcome::Refused { retry_after: seconds(&row, "retry_after")?.max(1) },
            "resume" => KeyOutcome::Resume(row.try_get("attempt")?, lease()?),
            "done" => KeyOutcome::Done {
                registration: row.try_get("attempt")?,
                expires_at: row.try_get("ends_at")?,
                expires_in: seconds(&row, "ends_in")?,
                resend_in: seconds(&row, "resend_in")?,
            },
            "running" => KeyOutcome::Running,
            "reused" => KeyOutcome::Reused,
            unknown => return Err(StorageError::unknown_outcome("claim_key", unknown)),
        })
    }

    /// Lets the next request with this key proceed at once.
    pub async fn release_key(&mut self, lease: Lease<'_>) -> Result<(), StorageError> {
        let Lease { key, until } = lease;
        let parameters: [Parameter<'_>; 3] = [
            (&key.email.as_str(), Type::TEXT),
            (&key.key, Type::TEXT),
            (&until, Type::TIMESTAMPTZ),
        ];
        self.query(RELEASE_KEY, &parameters).await.map(drop)
    }
}
