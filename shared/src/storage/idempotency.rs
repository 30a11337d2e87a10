//! Idempotency keys: the same sign-up sent twice opens one attempt and mails one code.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connection::{Session, StorageError};
use crate::domain::email::Email;

/// What is known of an idempotency key.
#[derive(Debug)]
pub enum Claim {
    /// Nothing: go on.
    Fresh,
    /// It opened this attempt, but its mail was not handed off: send again.
    Resume(Uuid),
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

/// Claims the key for this request. A key that nobody works on and that was not answered with
/// success is taken over, as is one that was forgotten after 24 hours.
///
/// `$1` address, `$2` key, `$3` MACs of the payload (the signing key's first), `$4` seconds
/// after which a request counts as crashed, `$5` mails per attempt.
const CLAIM: &str = "
    WITH claimed AS (
        INSERT INTO idempotency_keys AS k (email, key, payload_mac, running_until)
        VALUES ($1, $2, ($3::bytea[])[1], now() + make_interval(secs => $4))
            ON CONFLICT (email, key) DO UPDATE
           SET payload_mac = excluded.payload_mac,
               running_until = excluded.running_until,
               expires_at = NULL,
               account_id = CASE WHEN k.claimed_at > now() - interval '24 hours'
                                 THEN k.account_id END,
               claimed_at = CASE WHEN k.claimed_at > now() - interval '24 hours'
                                 THEN k.claimed_at ELSE now() END
         WHERE k.claimed_at <= now() - interval '24 hours'
            OR k.payload_mac = ANY ($3)
               AND k.expires_at IS NULL
               AND coalesce(k.running_until <= now(), true)
     RETURNING account_id
    )
    SELECT EXISTS (SELECT FROM claimed) AS claimed,
           (SELECT account_id FROM claimed) AS resumed,
           k.payload_mac <> ALL ($3) AS reused,
           k.account_id,
           k.expires_at,
           ceil(extract(epoch FROM k.expires_at - now()))::int4 AS expires_in,
           ceil(extract(epoch FROM greatest(
               a.next_mail_at,
               a.mailed_at[cardinality(a.mailed_at) - $5 + 1] + interval '24 hours'
           ) - now()))::int4 AS resend_in
      FROM (VALUES (1)) AS one
      LEFT JOIN idempotency_keys k ON k.email = $1 AND k.key = $2
      LEFT JOIN accounts a ON a.id = k.account_id
";

/// Lets the next request with this key take over at once.
const RELEASE: &str = "
    UPDATE idempotency_keys
       SET running_until = NULL
     WHERE email = $1
       AND key = $2
";

/// A request that has not ended by then never will: the function's own time limit is shorter.
const LEASE_SECONDS: f64 = 20.0;

impl Session<'_> {
    /// Claims an idempotency key for a sign-up with this payload.
    pub async fn claim_key(
        &mut self,
        email: &Email,
        key: &str,
        payload_macs: &[Vec<u8>],
        mails_per_attempt: u32,
    ) -> Result<Claim, StorageError> {
        let mails = super::limits::number(mails_per_attempt);
        let row = self
            .query_one(
                CLAIM,
                &[
                    (&email.as_str(), Type::TEXT),
                    (&key, Type::TEXT),
                    (&payload_macs, Type::BYTEA_ARRAY),
                    (&LEASE_SECONDS, Type::FLOAT8),
                    (&mails, Type::INT4),
                ],
            )
            .await?;
        if row.try_get("claimed")? {
            let resumed: Option<Uuid> = row.try_get("resumed")?;
            return Ok(resumed.map_or(Claim::Fresh, Claim::Resume));
        }
        if row.try_get::<_, Option<bool>>("reused")?.unwrap_or(false) {
            return Ok(Claim::Reused);
        }
        // Without a row: a parallel request claimed the key in this very moment.
        match (row.try_get("account_id")?, row.try_get("expires_at")?) {
            (Some(registration), Some(expires_at)) => Ok(Claim::Done {
                registration,
                expires_at,
                expires_in: super::sign_up::seconds(&row, "expires_in")?,
                resend_in: super::sign_up::seconds(&row, "resend_in")?,
            }),
            _ => Ok(Claim::Running),
        }
    }

    /// Ends the claim of a request that opened nothing.
    pub async fn release_key(&mut self, email: &Email, key: &str) -> Result<(), StorageError> {
        self.query(RELEASE, &[(&email.as_str(), Type::TEXT), (&key, Type::TEXT)]).await.map(drop)
    }
}
