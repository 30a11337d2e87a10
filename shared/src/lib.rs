//! What the functions have in common. A module uses only those above it here, and a test holds that:
//!
//! - [`domain`]: the rules of addresses, passwords, codes and limits, without any I/O
//! - [`process`]: settings, log and metrics
//! - [`web`]: the front door: events in, JSON or a problem out
//! - [`aws`]: the configuration of the AWS SDK
//! - [`hashing`]: password hashes off the thread that serves connections
//! - [`storage`]: PostgreSQL, the only module with SQL
//! - [`mailer`]: SES, and how our emails look
//! - [`secret_key`]: the keys, and how they rotate
//! - [`failures`]: what storage could not do, as an answer
//! - [`authentication`]: credentials against the accounts
//! - [`config`]: the settings as ready parts
//! - [`backend`]: what every function with a database starts with
//!
//! The first three are crates of their own, so that `site` can do without the rest.

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
