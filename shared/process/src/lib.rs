//! What every function starts with. In reading order:
//!
//! - [`settings`]: every setting there is
//! - [`environment`]: their values
//! - [`rules`]: settings that several functions must read alike
//! - [`logging`]: one JSON line for each event
//! - [`metrics`]: what operators watch

pub mod environment;
pub mod logging;
pub mod metrics;
pub mod rules;
pub mod settings;

pub use environment::{Environment, SettingError};
