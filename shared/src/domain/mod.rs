//! Addresses, passwords, codes and callers: no I/O, no HTTP, no SQL, no clock, no environment.

pub mod code;
mod common_passwords;
pub mod credentials;
pub mod email;
pub mod locale;
pub mod network;
pub mod password;
