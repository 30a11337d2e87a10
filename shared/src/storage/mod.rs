//! PostgreSQL. The only module with SQL, tests and migrations aside.
//!
//! The decisions are in the `.sql` files of this folder: functions that lock, read, judge and write
//! in one call. `functions.rs` installs them in a schema of this build, for which statements write
//! `build`. A method here is one such call and one round trip,
//! unless it says otherwise. Every deadline is written and compared by the
//! database's `now()`.
//!
//! In reading order: `connector` and `connection` reach the database, `migrate` and `functions` set
//! it up, `limits` and `find` precede every check of a password. A person's way is `sign_up`,
//! `hand_off`, `guess`, `sign_in`.

mod accounts;
mod columns;
mod connection;
mod connector;
mod error;
mod find;
mod functions;
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

pub use accounts::{Account, Change, DeletedAccount};
pub use connection::{Database, Pool};
pub use connector::{Connector, NoRoots};
pub use error::{StorageError, causes_without_detail, message_of};
pub use find::{Candidate, Candidates, Lookup, Search};
pub use guess::{Activated, Guess, GuessedCode};
pub use hand_off::{CodeTimes, FailedMail};
pub use iam::IamError;
pub(crate) use iam::IamTokens;
pub use idempotency::{KeyClaim, KeyOutcome, Lease, SignUpKey};
pub use import::{Import, KnownPerson};
pub use limits::{Admission, Taken};
pub use migrate::{MigrateError, Migrated, migrate, migrate_within};
pub use password_reset::LinkOwner;
pub use purge::{Deleted, Purged};
pub use sign_in::OpenedSession;
pub use sign_up::{NewAttempt, NewCode, ResendOutcome, StoredCode};
