//! The stories, in reading order.

mod handoff;
mod idempotency;
mod journey;
mod limits;
mod networks;
mod password_failures;
