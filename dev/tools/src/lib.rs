//! The tools that run and test this project, installed into the project folder.
//!
//! This is our own code because `cargo dev` and `cargo test` must work without Docker, without root and
//! without downloads from anywhere but package registries. The crates that do the same need one of them.
//!
//! Nothing is installed elsewhere, and no process outlives its owner: each runs on a [`Leash`]. In
//! reading order: [`Leash`], [`install`], [`Postgres`], [`Mailbox`], [`Admin`]. This crate does not know the
//! functions, their tables or their emails.

mod admin;
mod build;
mod error;
mod folders;
pub mod install;
mod leash;
mod mailbox;
mod ports;
mod postgres;
mod unix_user;

pub use admin::{Admin, AdminDatabase, Query};
pub use build::{build, without_cargo_variables};
pub use error::ToolError;
pub use folders::{dev_folder, workspace};
pub use install::{argon2_reference, browser_modules, cargo_lambda, mailbox, postgres_binaries};
pub use leash::{Ending, Leash};
pub use mailbox::Mailbox;
pub use ports::{free_port, is_ours, is_taken, is_taken_at, network_address, reached};
pub use postgres::Postgres;
