//! What the functions share. A module uses only those above it in this list, and a test enforces
//! that:
//!
//! - [`domain`]: the rules of addresses, passwords, codes and limits, without any I/O
//! - [`process`]: settings, log and metrics
//! - [`web`]: the front door: events in, JSON or a problem out
//! - [`aws`]: the configuration of the AWS SDK
//! - [`hashing`]: password hashes, on a thread of their own
//! - [`storage`]: PostgreSQL, the only module with SQL
//! - [`mailer`]: SES, and the text of emails
//! - [`secret_key`]: the secret keys, read again when they rotate
//! - [`failures`]: failures of the database as responses
//! - [`authentication`]: checks credentials against the accounts
//! - [`config`]: the settings as ready parts
//! - [`backend`]: what every function with routes and a database needs
//!
//! The first three are crates of their own, so that `site` does not link the rest.

pub mod authentication;
pub mod aws;
pub mod backend;
pub mod config;
pub mod failures;
pub mod hashing;
pub mod mailer;
pub mod secret_key;
pub mod storage;
#[cfg(feature = "testing")]
pub mod testing;

pub use domain;
pub use process;
pub use web;
