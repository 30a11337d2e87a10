//! The stories, in reading order.

mod budget;
mod guesses;
mod journey;
mod odds;
mod rivals;
