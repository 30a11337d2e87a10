//! Conversions between domain values and parameters or columns.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;

use super::{error::StorageError, limits::Taken};
use domain::{email::Email, locale::Locale};

/// Settings are bounded far below `i32::MAX`, so no value is ever cut.
pub(super) fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// The parameters `limit_keys` and `places_taken_at` of a call that gives these places back.
pub(super) fn place_parameters(taken: Option<&Taken>) -> (&[Vec<u8>], DateTime<Utc>) {
    taken.map_or((&[], DateTime::UNIX_EPOCH), |taken| (taken.keys.as_slice(), taken.at))
}

/// Whole seconds, never negative; NULL is 0.
pub(super) fn seconds(row: &Row, column: &str) -> Result<u32, StorageError> {
    let seconds: Option<i32> = row.try_get(column)?;
    Ok(seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0))
}

pub(super) fn locale(row: &Row, column: &str) -> Result<Locale, StorageError> {
    let locale: &str = row.try_get(column)?;
    Ok(Locale::from_tag(locale).unwrap_or_default())
}

pub(super) fn email(row: &Row) -> Result<Email, StorageError> {
    Ok(Email::from_stored(row.try_get("email")?))
}
