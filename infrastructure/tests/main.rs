//! Checks the templates: routes, permissions, settings, logs and alarms.
#![expect(clippy::unwrap_used, reason = "this is a test, helpers and all")]

mod alarms;
mod api;
mod layers;
mod local;
mod permissions;
mod privacy;
mod routes;
mod settings;
mod templates;
