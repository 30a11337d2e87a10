//! What all measurements share.

mod numbers;
mod progress;

pub use numbers::{median, paired_ratio};
pub use progress::Progress;
