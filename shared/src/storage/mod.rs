//! PostgreSQL. The only module that contains SQL.
//!
//! Each method is one statement and one round trip, and the statement decides: nothing is read
//! first and written later. The database's `now()` is the only clock.

mod accounts;
mod connection;
mod connector;
mod find;
mod grant;
mod guess;
mod hand_off;
mod iam;
mod idempotency;
mod import;
mod limits;
mod migrate;
mod not_me;
mod password_reset;
mod purge;
mod sign_in;
mod sign_up;
mod transaction;

pub use accounts::{Account, Change, Gone};
pub use connection::{Session, Storage, StorageError, message_of};
pub use connector::{Connector, NoRoots};
pub use find::{Candidate, Candidates, Choice, GuessRules, Who};
pub use guess::{Activated, Guess};
pub use hand_off::{FailedMail, HandedOff};
pub use iam::IamError;
pub(crate) use iam::IamTokens;
pub use idempotency::Claim;
pub use import::{Import, KnownPerson};
pub use limits::{Admission, Taken};
pub use migrate::{MigrateError, Migrated, migrate, migrate_within};
pub use password_reset::LinkOwner;
pub use purge::{Deleted, Purged};
pub use sign_in::SignedIn;
pub use sign_up::{MailRules, NewAttempt, NewCode, Reopened, Stored};
