//! One guess at the codes of an attempt, and its outcome.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    columns::{number, place_parameters, seconds},
    connection::{Database, Parameter},
    error::StorageError,
    find::keys_and_macs,
    limits::Taken,
};
use domain::{
    keys::Signed,
    limits::{GuessesLeft, SubjectLimit},
};

/// An active account.
#[derive(Debug)]
pub struct Activated {
    pub activated_at: DateTime<Utc>,
    /// The age of the code: stored just before it was mailed. `None` if this request only repeats
    /// the one that activated the account.
    pub code_age_seconds: Option<f64>,
}

/// The outcome of a guess. Waits are in seconds.
#[derive(Debug)]
pub enum Guess {
    /// This code activated the account, now or in the last ten minutes.
    Activated(Activated),
    /// The account is disabled, or was activated before: by another code, by this one more than ten
    /// minutes ago, or by an import.
    AlreadyActive,
    /// `attempts_left`: how many more wrong guesses the attempt could make now.
    Incorrect { attempts_left: u32 },
    /// No code of this attempt is alive. `resend_in`: the wait until a new code may be requested.
    Expired { resend_in: u32 },
    /// The guesses of every live code are used up.
    Exhausted { resend_in: u32 },
    /// The guesses of the address or of the network are used up. The call learns nothing about the
    /// code.
    LimitReached { retry_after: u32 },
    /// The attempt has ended or was deleted.
    Gone,
}

const GUESS: &str = "
    SELECT *
      FROM build.guess(
               attempt => $1, mac_key_ids => $2, macs => $3, chosen_by_code => $4,
               attempt_mails => $5,
               network_key => $6, network_capacity => $7, network_window_seconds => $8,
               limit_keys => $9, places_taken_at => $10)";

/// A code that a caller entered, and how its attempt was found.
pub struct GuessedCode<'a> {
    /// Its MAC under each key.
    pub macs: &'a [Signed],
    /// The code chose the attempt among several, see [`Candidates`](super::Candidates).
    pub chosen_by_code: bool,
    /// The limit on wrong guesses of the caller's network.
    pub network: &'a SubjectLimit,
    /// Emails per attempt, which decide when a new code may be requested.
    pub attempt_mails: u32,
}

impl Database<'_> {
    /// One guess at the codes of an attempt whose password was right. Gives back the places that
    /// the password check took.
    pub async fn guess(
        &mut self,
        id: Uuid,
        code: &GuessedCode<'_>,
        taken: &Taken,
    ) -> Result<Guess, StorageError> {
        let (mac_key_ids, macs) = keys_and_macs(code.macs);
        let (limit_keys, taken_at) = place_parameters(Some(taken));
        let parameters: [Parameter<'_>; 10] = [
            (&id, Type::UUID),
            (&mac_key_ids, Type::TEXT_ARRAY),
            (&macs, Type::BYTEA_ARRAY),
            (&code.chosen_by_code, Type::BOOL),
            (&number(code.attempt_mails), Type::INT4),
            (&code.network.key, Type::BYTEA),
            (&number(code.network.capacity), Type::INT4),
            (&number(code.network.window_seconds), Type::INT4),
            (&limit_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
        ];
        let rows = match self.query(GUESS, &parameters).await {
            // Another activation or an import of this address was committed in the meantime. A
            // second call sees it.
            Err(error) if error.is_unique_violation() => {
                self.query_with_places(GUESS, &parameters, Some(taken)).await?
            }
            Err(error) => {
                self.give_back(taken).await;
                return Err(error);
            }
            Ok(rows) => rows,
        };
        read_guess(rows.first().expect("`guess` always returns a row"))
    }
}

fn read_guess(row: &Row) -> Result<Guess, StorageError> {
    let outcome: &str = row.try_get("outcome")?;
    Ok(match outcome {
        "activated" | "activated before" => Guess::Activated(Activated {
            activated_at: row.try_get("active_since")?,
            code_age_seconds: row.try_get("code_age_seconds")?,
        }),
        "already active" => Guess::AlreadyActive,
        "expired" => Guess::Expired { resend_in: seconds(row, "resend_in")? },
        "exhausted" => Guess::Exhausted { resend_in: seconds(row, "resend_in")? },
        "wrong" | "own guess wrong" => Guess::Incorrect { attempts_left: attempts_left(row)? },
        "address spent" | "network spent" => {
            Guess::LimitReached { retry_after: seconds(row, "retry_after")?.max(1) }
        }
        "gone" => Guess::Gone,
        unknown => return Err(StorageError::unknown_outcome("guess", unknown)),
    })
}

fn attempts_left(row: &Row) -> Result<u32, StorageError> {
    let count = |left: i32| u32::try_from(left).unwrap_or(0);
    let codes: Vec<i32> = row.try_get("codes_left")?;
    let left = GuessesLeft {
        codes: codes.into_iter().map(count).collect(),
        address: count(row.try_get("address_left")?),
        own: row.try_get("own_left")?,
    };
    Ok(left.total())
}
