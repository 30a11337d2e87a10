//! Places under limits: taken before the work, given back when the call turned out right.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};

use super::connection::{Session, StorageError};
use crate::domain::limits::Place;

/// Places that were had, so that they can be given back.
#[derive(Debug, Clone)]
pub struct Taken {
    pub(super) keys: Vec<Vec<u8>>,
    pub(super) at: DateTime<Utc>,
}

/// Whether every place that was asked for could be had.
#[derive(Debug)]
pub enum Admission {
    /// All of them were taken.
    Admitted(Taken),
    /// One was missing, so none is taken.
    Refused {
        /// Seconds until all of them can be had.
        retry_after: u32,
    },
}

/// Takes the `n`th place, if those before it were had.
macro_rules! take_place {
    ($n:literal, $those_before:literal) => {
        concat!(
            "
        INSERT INTO limits AS l (key, places, seconds, taken)
        SELECT key, places, seconds, ARRAY[now()] FROM wanted WHERE n = ",
            $n,
            $those_before,
            "
            ON CONFLICT (key) DO UPDATE
           SET places = excluded.places,
               seconds = excluded.seconds,
               taken = l.taken[cardinality(l.taken) - excluded.places + 2 :] || now()
         WHERE coalesce(l.taken[cardinality(l.taken) - excluded.places + 1]
                        <= now() - make_interval(secs => excluded.seconds), true)
     RETURNING l.key, ",
            $n,
            " AS n"
        )
    };
}
pub(super) use take_place;

/// The head of each statement that takes up to three places: `$1` keys, `$2` places, `$3` seconds.
///
/// A row keeps the last `places` times at which a place was taken. There is room while the
/// oldest of them has left the window. Exact under any concurrency: the row is locked, and judged
/// as it is then.
///
/// Places are taken one after the other, always in the same order of limits, so that two requests
/// never wait for each other. The caller's own limits come first: a stranger who has used up those
/// never gets as far as a limit that others share, not even for a moment.
macro_rules! take_places {
    () => {
        concat!(
            "
    WITH wanted AS (
        SELECT * FROM unnest($1::bytea[], $2::int4[], $3::int4[])
            WITH ORDINALITY AS w (key, places, seconds, n)
    ), first AS (",
            $crate::storage::limits::take_place!("1", ""),
            "
    ), second AS (",
            $crate::storage::limits::take_place!("2", " AND EXISTS (SELECT FROM first)"),
            "
    ), third AS (",
            $crate::storage::limits::take_place!("3", " AND EXISTS (SELECT FROM second)"),
            "
    ), taken AS (
        SELECT * FROM first UNION ALL SELECT * FROM second UNION ALL SELECT * FROM third
    ), admission AS (
        SELECT now() AS taken_at,
               ARRAY(SELECT key FROM taken ORDER BY n) AS taken,
               (SELECT max(ceil(extract(epoch FROM
                           l.taken[cardinality(l.taken) - w.places + 1]
                           + make_interval(secs => w.seconds) - now())))::int4
                  FROM wanted w JOIN limits l USING (key)
                 WHERE w.key NOT IN (SELECT key FROM taken)) AS retry_after
    )"
        )
    };
}
pub(super) use take_places;

/// Gives places back within a statement that does something else, too, in the order in which
/// they were taken.
/// `$1` keys, `$2` when they were taken.
macro_rules! give_back {
    () => {
        "given_back AS (
        UPDATE limits l
           SET taken = l.taken[: array_position(l.taken, $2) - 1]
                    || l.taken[array_position(l.taken, $2) + 1 :]
          FROM (SELECT key FROM limits WHERE key = ANY ($1)
                 ORDER BY array_position($1, key) FOR UPDATE) AS held
         WHERE l.key = held.key
           AND $2 = ANY (l.taken)
    )"
    };
}
pub(super) use give_back;

const TAKE: &str = concat!(take_places!(), " SELECT * FROM admission");

const GIVE_BACK: &str = concat!("WITH ", give_back!(), " SELECT 1");

impl Session<'_> {
    /// Takes all these places, or none.
    pub async fn take(&mut self, places: &[Place]) -> Result<Admission, StorageError> {
        let wanted = Wanted::of(places);
        let row = self.query_one(TAKE, &wanted.parameters()).await?;
        self.admission(&wanted, &row).await
    }

    /// Gives back what [`Session::take`] had.
    pub async fn give_back(&mut self, taken: &Taken) -> Result<(), StorageError> {
        let parameters: [super::connection::Parameter<'_>; 2] =
            [(&taken.keys, Type::BYTEA_ARRAY), (&taken.at, Type::TIMESTAMPTZ)];
        self.query(GIVE_BACK, &parameters).await.map(drop)
    }

    /// Reads what `take_places!` yielded. A place that was had beside one that was not is
    /// given back: who is refused has taken nothing.
    pub(super) async fn admission(
        &mut self,
        wanted: &Wanted,
        row: &Row,
    ) -> Result<Admission, StorageError> {
        let taken = Taken { keys: row.try_get("taken")?, at: row.try_get("taken_at")? };
        if taken.keys.len() == wanted.keys.len() {
            return Ok(Admission::Admitted(taken));
        }
        let retry_after: Option<i32> = row.try_get("retry_after")?;
        if !taken.keys.is_empty() {
            self.give_back(&taken).await?;
        }
        // Unknown only when the last place went in this very moment.
        let retry_after = retry_after.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(1);
        Ok(Admission::Refused { retry_after: retry_after.max(1) })
    }
}

/// Places as three columns, without those that have no limit.
pub(super) struct Wanted {
    keys: Vec<Vec<u8>>,
    places: Vec<i32>,
    seconds: Vec<i32>,
}

impl Wanted {
    pub(super) fn of(places: &[Place]) -> Self {
        let limited = || places.iter().filter(|place| place.is_limited());
        Self {
            keys: limited().map(|place| place.key.clone()).collect(),
            places: limited().map(|place| number(place.places)).collect(),
            seconds: limited().map(|place| number(place.seconds)).collect(),
        }
    }

    pub(super) fn parameters(&self) -> [super::connection::Parameter<'_>; 3] {
        [
            (&self.keys, Type::BYTEA_ARRAY),
            (&self.places, Type::INT4_ARRAY),
            (&self.seconds, Type::INT4_ARRAY),
        ]
    }
}

/// Settings are bounded far below this, so nothing is ever cut.
pub(super) fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
