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
use domain::{email::Email, limits::Place};

/// The idempotency key of a sign-up.
#[derive(Debug, Clone, Copy)]
pub struct SignUpKey<'a> {
    /// The address.
    pub email: &'a Email,
    /// The key, as the caller has chosen it.
    pub key: &'a str,
}

/// An idempotency key while a request is at work with it. When another has taken over, nothing that
/// the first does changes the key any more.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The key.
    pub key: SignUpKey<'a>,
    /// When the lease ends. No two of a key end at the same moment.
    pub until: DateTime<Utc>,
}

/// What is known of an idempotency key.
#[derive(Debug)]
pub enum KeyOutcome<'a> {
    /// Nothing: go on, with the places that were taken.
    Fresh(Taken, Lease<'a>),
    /// A limit has no place left. Nothing was told of the key, or written.
    Refused {
        /// Seconds until there is one.
        retry_after: u32,
    },
    /// It opened this attempt, but its mail was not handed off: send again.
    Resume(Uuid, Lease<'a>),
    /// All is done: answer as before.
    Done {
        /// The attempt.
        registration: Uuid,
        /// The deadline of its code, as it was answered.
        expires_at: DateTime<Utc>,
        /// Seconds until then, 0 when it has passed.
        expires_in: u32,
        /// Seconds until a new code may be asked for.
        resend_in: u32,
    },
    /// The first request with this key is still at work.
    Running,
    /// The key came with another payload before.
    Reused,
}

const CLAIM_KEY: &str = "
    SELECT *
      FROM build.claim_key(
               address => $1, idempotency_key => $2, payload_macs => $3, lease_seconds => $4,
               attempt_mails => $5, keys => $6, capacities => $7, windows => $8,
               failure_keys => $9, failure_capacities => $10, failure_windows => $11)";

const RELEASE_KEY: &str = "
    SELECT build.release_key(address => $1, idempotency_key => $2, lease => $3)";

/// A request that has not ended by then never will: the function's own time limit is shorter.
const LEASE_SECONDS: i32 = 20;

/// What a claim needs.
pub struct KeyClaim<'a> {
    /// The key, and the address that it belongs to.
    pub key: SignUpKey<'a>,
    /// The MACs of the payload under every key of ours, the signing one's first.
    pub payload_macs: &'a [Vec<u8>],
    /// Mails per attempt.
    pub attempt_mails: u32,
    /// The places that a sign-up takes.
    pub sign_up: &'a [Place],
    /// The places that another payload takes, like a wrong password.
    pub failure: &'a [Place],
}

impl Database<'_> {
    /// Claims an idempotency key for a sign-up, with the places that it needs.
    pub async fn claim_key<'a>(
        &mut self,
        claim: &KeyClaim<'a>,
    ) -> Result<KeyOutcome<'a>, StorageError> {
        let (sign_up, failure) = (Wanted::of(claim.sign_up), Wanted::of(claim.failure));
        let [keys, capacities, windows] = sign_up.parameters();
        let [failure_keys, failure_capacities, failure_windows] = failure.parameters();
        let parameters: [Parameter<'_>; 11] = [
            (&claim.key.email.as_str(), Type::TEXT),
            (&claim.key.key, Type::TEXT),
            (&claim.payload_macs, Type::BYTEA_ARRAY),
            (&LEASE_SECONDS, Type::INT4),
            (&number(claim.attempt_mails), Type::INT4),
            keys,
            capacities,
            windows,
            failure_keys,
            failure_capacities,
            failure_windows,
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

    /// Lets the next request with this key go on at once.
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
