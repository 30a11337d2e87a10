//! Deletes rows that are no longer needed, in batches that never make a request wait.

use std::time::Instant;

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Parameter, Pool},
    error::StorageError,
};

/// Rows per call: a few milliseconds each.
const BATCH: i32 = 1000;

/// Pages of `limits` per call: about 1000 rows.
const PAGES_A_BATCH: i32 = 20;

/// The result of a purge.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Purged {
    pub deleted: Deleted,
    /// The run went through every table, except for locked rows. If false, the time was over, or
    /// dependent rows stayed locked for too long. Either way, the next run deletes the rest.
    pub complete: bool,
}

/// The number of deleted rows, by table.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Deleted {
    /// Without those that were deleted with their attempt.
    pub codes: i64,
    /// Attempts that were never activated.
    pub accounts: i64,
    /// Limits whose whole window has passed.
    pub limits: i64,
    pub idempotency_keys: i64,
    pub password_resets: i64,
    /// Sessions whose token has expired.
    pub ended_sessions: i64,
    pub audit_log: i64,
}

impl Deleted {
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

const CODES: &str = "SELECT build.purge_codes(batch => $1) AS deleted";
const ACCOUNTS: &str = "SELECT build.purge_accounts(batch => $1) AS deleted";
const IDEMPOTENCY_KEYS: &str = "SELECT build.purge_idempotency_keys(batch => $1) AS deleted";
const PASSWORD_RESETS: &str = "SELECT build.purge_password_resets(batch => $1) AS deleted";
const ENDED_SESSIONS: &str = "SELECT build.purge_ended_sessions(batch => $1) AS deleted";
const AUDIT_LOG: &str = "SELECT build.purge_audit_log(batch => $1) AS deleted";

const LIMITS: &str = "
    SELECT deleted, next_page FROM build.purge_limits(first_page => $1, pages => $2)";

const PAGES: &str = "SELECT build.pages_of_limits() AS pages";

impl Pool {
    /// Deletes rows that are no longer needed, until none is left or the time is over. Runs safely
    /// alongside requests and other purges.
    pub async fn purge(&self, until: Instant) -> Result<Purged, StorageError> {
        let mut purged = Purged { complete: true, ..Purged::default() };
        let deleted = &mut purged.deleted;
        // Codes before attempts, so that deleting an attempt deletes few codes with it.
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
        // `purge` runs on a schedule, so it records that this build is in use even if none of its
        // other functions has started lately.
        self.database().is_ready().await?;
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
            let deleted: i64 = row.try_get("deleted")?;
            *count += deleted;
            if deleted < i64::from(BATCH) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the whole table once. Starts at a random page, so that runs that end early do not
    /// always miss the same pages.
    async fn purge_limits(&self, count: &mut i64, until: Instant) -> Result<bool, StorageError> {
        let Some(row) = self.batch(PAGES, &[]).await? else { return Ok(false) };
        let pages: i64 = row.try_get("pages")?;
        let start = i64::from(Uuid::new_v4().as_fields().0) % pages.max(1);
        let (mut page, mut has_wrapped) = (start, false);
        while Instant::now() < until {
            let parameters: [Parameter<'_>; 2] =
                [(&page, Type::INT8), (&PAGES_A_BATCH, Type::INT4)];
            let Some(row) = self.batch(LIMITS, &parameters).await? else { return Ok(false) };
            *count += row.try_get::<_, i64>("deleted")?;
            match row.try_get("next_page")? {
                Some(next) => page = next,
                None if has_wrapped || start == 0 => return Ok(true),
                None => (page, has_wrapped) = (0, true),
            }
            if has_wrapped && page >= start {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Runs one statement within its own deadline; `None` if a row stayed locked for too long.
    async fn batch(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Row>, StorageError> {
        match self.database().query_one(statement, parameters).await {
            Err(error) if error.is_in_use() => Ok(None),
            outcome => outcome.map(Some),
        }
    }
}
