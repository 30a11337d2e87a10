//! What the functions have in common. In reading order:
//!
//! - [`domain`]: the rules of addresses, passwords, codes and limits, without any I/O
//! - [`storage`]: PostgreSQL, the only module with SQL
//! - [`mailer`]: SES, and how our mails look
//! - [`http`]: JSON in, JSON or a problem out
//! - [`authentication`]: credentials against the accounts
//! - [`metrics`]: what operators watch
//! - [`config`], [`secret_key`], [`aws`] and [`logging`]: how a function starts
//!
//! `functions/*` use everything here; `domain` uses nothing of ours but itself.

pub mod authentication;
pub mod aws;
pub mod config;
pub mod domain;
pub mod http;
pub mod logging;
pub mod mailer;
pub mod metrics;
pub mod secret_key;
pub mod storage;
#[cfg(feature = "testing")]
pub mod testing;
