//! The rules of addresses, passwords, codes and limits: no I/O, no HTTP, no SQL, no clock, no
//! environment.
//!
//! Begin with [`code`] and [`attempt`], then [`limits`].

pub mod accent;
pub mod attempt;
pub mod code;
mod common_passwords;
pub mod credentials;
pub mod email;
pub mod idn;
pub mod imported_hash;
pub mod keys;
pub mod limits;
pub mod list;
pub mod locale;
pub mod network;
pub mod password;
pub mod role;
pub mod sender;
pub mod session;
pub mod token;
