//! The stories, in reading order.

mod journey;
