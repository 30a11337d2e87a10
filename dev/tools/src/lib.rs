//! What a machine needs to run and test this project, fetched into the project folder.
//!
//! Nothing is installed outside of it and nothing outlives its owner: each process we start hangs
//! on a [`Leash`]. In reading order: [`Leash`], [`install`], [`Postgres`], [`Mailbox`]. Knows
//! nothing of the functions, their tables or their mails.

mod account;
mod error;
mod folders;
pub mod http;
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
