//! PostgreSQL. The only module that contains SQL.
//!
//! Each method is one statement and one round trip, and the statement decides: nothing is read
//! first and written later. The database's `now()` is the only clock.

mod activation;
mod connection;
mod idempotency;
mod limits;
mod migrate;
mod sign_up;

pub use activation::{Activated, Candidate, Candidates, Choice, Guess, GuessRules, Who};
pub use connection::{Session, Storage, StorageError};
pub use idempotency::Claim;
pub use limits::{Admission, Taken};
pub use migrate::{MigrateError, migrate};
pub use sign_up::{FailedMail, HandedOff, MailRules, NewAttempt, NewCode, Reopened, Stored};
