//! The stories, in reading order.

mod journey;
mod rotation;
