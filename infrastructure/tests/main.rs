//! What is deployed is what was meant: routes, permissions, logs and alarms of the templates.
#![expect(clippy::unwrap_used, reason = "this is a test, helpers and all")]

mod alarms;
mod api;
mod local;
mod permissions;
mod privacy;
mod routes;
mod settings;
mod templates;
