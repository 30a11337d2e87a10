//! Places under limits: taken before the work, given back if the caller was right.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};

use super::{
    columns::{number, seconds},
    connection::{Database, Parameter},
    error::StorageError,
};
use domain::limits::SubjectLimit;

/// Places that a request has taken, kept so that they can be given back.
#[derive(Debug, Clone)]
pub struct Taken {
    pub(super) keys: Vec<Vec<u8>>,
    pub(super) at: DateTime<Utc>,
}

/// Whether a request may go on.
#[derive(Debug)]
pub enum Admission {
    /// It has a place under every limit.
    Admitted(Taken),
    /// A limit has no place left, so none was taken. `retry_after`: seconds until a place is free.
    Refused { retry_after: u32 },
}

const TAKE: &str = "
    SELECT taken_at, retry_after
      FROM build.take(limit_keys => $1, capacities => $2, window_seconds => $3)";

const GIVE_BACK: &str = "SELECT build.give_back(limit_keys => $1, taken_at => $2)";

impl Database<'_> {
    /// Takes a place under each of these limits, or none.
    pub async fn take(&mut self, limits: &[SubjectLimit]) -> Result<Admission, StorageError> {
        let wanted = Wanted::of(limits);
        let row = self.query_one(TAKE, &wanted.parameters()).await?;
        wanted.admission(&row)
    }

    /// Gives places back when the statement that should have done so failed. If this fails as
    /// well, the places become free with time.
    pub(super) async fn give_back(&mut self, taken: &Taken) {
        self.use_reserve();
        let parameters: [Parameter<'_>; 2] =
            [(&taken.keys, Type::BYTEA_ARRAY), (&taken.at, Type::TIMESTAMPTZ)];
        if let Err(error) = self.query(GIVE_BACK, &parameters).await {
            tracing::warn!(cause = %error, "places not given back");
        }
    }
}

/// The places that a request wants: their limits as three columns, without those that are off.
pub(super) struct Wanted {
    keys: Vec<Vec<u8>>,
    capacities: Vec<i32>,
    window_seconds: Vec<i32>,
}

impl Wanted {
    /// Sorts them into the order in which every call locks limits.
    pub(super) fn of(limits: &[SubjectLimit]) -> Self {
        let mut limits: Vec<_> = limits.iter().filter(|limit| limit.is_on()).collect();
        limits.sort_by_key(|limit| limit.order);
        Self {
            keys: limits.iter().map(|limit| limit.key.clone()).collect(),
            capacities: limits.iter().map(|limit| number(limit.capacity)).collect(),
            window_seconds: limits.iter().map(|limit| number(limit.window_seconds)).collect(),
        }
    }

    pub(super) fn parameters(&self) -> [Parameter<'_>; 3] {
        [
            (&self.keys, Type::BYTEA_ARRAY),
            (&self.capacities, Type::INT4_ARRAY),
            (&self.window_seconds, Type::INT4_ARRAY),
        ]
    }

    /// Reads `taken_at` and `retry_after`.
    pub(super) fn admission(self, row: &Row) -> Result<Admission, StorageError> {
        if row.try_get::<_, Option<DateTime<Utc>>>("taken_at")?.is_some() {
            return Ok(Admission::Admitted(self.taken(row)?));
        }
        Ok(Admission::Refused { retry_after: seconds(row, "retry_after")?.max(1) })
    }

    /// Reads `taken_at`, which must not be NULL.
    pub(super) fn taken(self, row: &Row) -> Result<Taken, StorageError> {
        Ok(Taken { keys: self.keys, at: row.try_get("taken_at")? })
    }
}
