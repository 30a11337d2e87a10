//! The stories, in reading order.

mod journey;
mod limits;
mod networks;
mod password_failures;
