//! What a machine needs to run and test this project, fetched into the project folder.
//!
//! This is our own code because `cargo dev` and `cargo test` must work without Docker, without root and
//! without downloads from anywhere but package registries. The crates that do the same need one of them.
//!
//! Nothing is installed outside the project folder, and no process outlives its owner: each one that
//! we start hangs on a [`Leash`]. In reading order: [`Leash`], [`install`], [`Postgres`],
//! [`Mailbox`]. It does not know the functions, their tables or their emails.

mod account;
mod error;
mod folders;
pub mod install;
mod leash;
mod mailbox;
mod ports;
mod postgres;

pub use error::ToolError;
pub use folders::{dev_folder, workspace};
pub use install::{browser_modules, cargo_lambda, mailbox, postgres_binaries};
pub use leash::{Ending, Leash};
pub use mailbox::Mailbox;
pub use ports::{free_port, is_taken};
pub use postgres::Postgres;
