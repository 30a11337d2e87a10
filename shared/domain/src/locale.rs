//! The languages of emails and pages.

pub use words::Locale;
