//! The languages we write in.

pub use words::Locale;
