//! Deletes what nobody needs any more, in batches that nobody waits for.

use std::time::Instant;

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::connection::{Parameter, Storage, StorageError};

/// Rows per statement: a few milliseconds each.
const BATCH: i32 = 1000;

/// What was deleted.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Purged {
    /// How many rows, by table.
    pub deleted: Deleted,
    /// Nothing is left. Otherwise the time was over, or a row was in use: the next run goes on.
    pub complete: bool,
}

/// Rows, by table.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Deleted {
    /// Codes, apart from those that went with their attempt.
    pub codes: i64,
    /// Attempts that were never activated.
    pub accounts: i64,
    /// Limits whose whole window has passed.
    pub limits: i64,
    /// Idempotency keys.
    pub idempotency_keys: i64,
    /// Links to a new password.
    pub password_resets: i64,
    /// Sessions whose token would have ended by itself.
    pub ended_sessions: i64,
    /// Audit entries.
    pub audit_log: i64,
}

impl Deleted {
    /// All rows together.
    pub fn total(&self) -> u64 {
        let Self {
            codes,
            accounts,
            limits,
            idempotency_keys,
            password_resets,
            ended_sessions,
            audit_log,
        } = self;
        let by_age = codes + accounts + idempotency_keys + audit_log;
        (by_age + limits + password_resets + ended_sessions).unsigned_abs()
    }
}

/// One batch: a page of rows by an index, deleted by their place in the table. `DELETE` waits for
/// whoever holds a row and then looks at its newest version, so it has to judge once more by
/// itself: all that decides stands in the row.
///
/// No `FOR UPDATE SKIP LOCKED`: it would take the right to update, which `maintain` has on none of
/// them but accounts.
macro_rules! delete {
    ($table:literal, dead: $dead:literal, order: $order:literal) => {
        concat!(
            "
    WITH page AS MATERIALIZED (
        SELECT ctid FROM ",
            $table,
            " WHERE ",
            $dead,
            " ORDER BY ",
            $order,
            " LIMIT $1
    ), deleted AS (
        DELETE FROM ",
            $table,
            "
         WHERE ctid = ANY (ARRAY(SELECT ctid FROM page))
           AND ",
            $dead,
            "
     RETURNING 1
    )
    SELECT (SELECT count(*) FROM page) AS found,
           (SELECT count(*) FROM deleted) AS deleted"
        )
    };
}

/// A code ends after its mail was sent, and the mail's "this wasn't me" link works for 24 hours.
/// Repeating an activation ends earlier. An hour more, so that no edge is ever met.
const CODES: &str = delete!(
    "codes",
    dead: "expires_at < now() - interval '25 hours'",
    order: "expires_at"
);

/// An attempt that was not activated within a week. Not while a mail of its last day may be
/// answered: no mail goes out without moving `next_mail_at`, which is why that decides and not
/// its codes, which a waiting `DELETE` would not see.
const ACCOUNTS: &str = delete!(
    "accounts",
    dead: "activated_at IS NULL
           AND created_at < now() - interval '7 days'
           AND next_mail_at < now() - interval '25 hours'",
    order: "created_at"
);

/// After 24 hours a key is forgotten, see `CLAIM`. Not while a request with it is at work.
const IDEMPOTENCY_KEYS: &str = delete!(
    "idempotency_keys",
    dead: "claimed_at < now() - interval '24 hours'
           AND coalesce(running_until < now(), true)",
    order: "claimed_at"
);

/// A link that is too old is answered like one that never was.
const PASSWORD_RESETS: &str = delete!(
    "password_resets",
    dead: "expires_at < now()",
    order: "expires_at"
);

/// The token has ended by itself: by the same clock, see `BY_SESSION`.
const ENDED_SESSIONS: &str = delete!(
    "ended_sessions",
    dead: "expires_at < now()",
    order: "expires_at"
);

/// 400 days: a yearly review can look back on the whole year, and has a month to do it.
const AUDIT_LOG: &str = delete!(
    "audit_log",
    dead: "at < now() - interval '400 days'",
    order: "at"
);

/// A page of limits after a key (`$2`), those deleted whose last place has left the window.
/// An index by time would have to be changed with every place that is taken, so this reads all
/// of them, in the order of the primary key. An entry may be older than the one before it by a
/// statement's length, hence the minute.
const LIMITS: &str = "
    WITH page AS MATERIALIZED (
        SELECT ctid, key FROM limits WHERE key > $2 ORDER BY key LIMIT $1
    ), deleted AS (
        DELETE FROM limits
         WHERE ctid = ANY (ARRAY(SELECT ctid FROM page))
           AND coalesce(taken[cardinality(taken)]
                        < now() - make_interval(secs => seconds) - interval '1 minute', true)
     RETURNING 1
    )
    SELECT (SELECT count(*) FROM page) AS found,
           (SELECT count(*) FROM deleted) AS deleted,
           (SELECT key FROM page ORDER BY key DESC LIMIT 1) AS last
";

impl Storage {
    /// Deletes what nobody needs any more, until all of it is gone or the time is over.
    /// May run twice at once, and beside everything else.
    pub async fn purge(&self, until: Instant) -> Result<Purged, StorageError> {
        let mut purged = Purged { complete: true, ..Purged::default() };
        let deleted = &mut purged.deleted;
        // Codes before attempts, so that few are left to go with theirs.
        for (statement, count) in [
            (CODES, &mut deleted.codes),
            (ACCOUNTS, &mut deleted.accounts),
            (IDEMPOTENCY_KEYS, &mut deleted.idempotency_keys),
            (PASSWORD_RESETS, &mut deleted.password_resets),
            (ENDED_SESSIONS, &mut deleted.ended_sessions),
            (AUDIT_LOG, &mut deleted.audit_log),
        ] {
            purged.complete &= self.purge_by_age(statement, count, until).await?;
        }
        purged.complete &= self.purge_limits(&mut deleted.limits, until).await?;
        Ok(purged)
    }

    async fn purge_by_age(
        &self,
        statement: &str,
        count: &mut i64,
        until: Instant,
    ) -> Result<bool, StorageError> {
        while Instant::now() < until {
            let Some(row) = self.batch(statement, &[(&BATCH, Type::INT4)]).await? else {
                return Ok(false);
            };
            *count += row.try_get::<_, i64>("deleted")?;
            // Found and not deleted: another run has it, or it has come back to life.
            if row.try_get::<_, i64>("found")? < i64::from(BATCH) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Once around, from anywhere: a run that ends early must not leave the same keys every time.
    async fn purge_limits(&self, count: &mut i64, until: Instant) -> Result<bool, StorageError> {
        let start = Uuid::new_v4().as_bytes().to_vec();
        let mut after = start.clone();
        let mut is_second_half = false;
        while Instant::now() < until {
            let parameters: [Parameter<'_>; 2] = [(&BATCH, Type::INT4), (&after, Type::BYTEA)];
            let Some(row) = self.batch(LIMITS, &parameters).await? else { return Ok(false) };
            *count += row.try_get::<_, i64>("deleted")?;
            let is_last_page = row.try_get::<_, i64>("found")? < i64::from(BATCH);
            after = row.try_get::<_, Option<Vec<u8>>>("last")?.unwrap_or_default();
            if is_second_half && (is_last_page || after >= start) {
                return Ok(true);
            }
            if is_last_page {
                (is_second_half, after) = (true, Vec::new());
            }
        }
        Ok(false)
    }

    /// One statement within its own deadline, or nothing when a row in it was in use for too long.
    async fn batch(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Row>, StorageError> {
        match self.session().query_one(statement, parameters).await {
            Err(error) if error.is_in_use() => Ok(None),
            outcome => outcome.map(Some),
        }
    }
}
