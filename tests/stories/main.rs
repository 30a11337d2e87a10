//! The stories, in reading order.

mod handoff;
mod idempotency;
mod journey;
mod limits;
mod mails;
mod networks;
mod password_failures;
