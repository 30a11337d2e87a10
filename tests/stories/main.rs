//! The stories, in reading order.

mod journey;

mod budget;
mod guesses;
mod odds;
mod rivals;
mod rotation;
