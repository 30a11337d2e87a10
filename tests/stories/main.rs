//! The stories, in reading order.

mod journey;

mod contract;
mod credentials;
mod handoff;
mod idempotency;
mod input;
mod limits;
mod mails;
mod networks;
mod password_failures;
