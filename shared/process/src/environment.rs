//! Reads settings from the environment of this process.

use std::{
    collections::HashMap,
    ffi::OsString,
    fmt::{self, Display},
    ops::RangeInclusive,
    str::FromStr,
};

use crate::settings::{Setting, WhenAbsent};

/// `cargo dev`, and nothing else, sets this to `true` for the functions that it runs.
pub const UNDER_CARGO_DEV: &str = "UNDER_CARGO_DEV";

/// Lambda sets these in every function (reserved, so that no template can remove them), and
/// cargo-lambda sets neither.
const OF_LAMBDA: [&str; 2] = ["AWS_LAMBDA_INITIALIZATION_TYPE", "LAMBDA_TASK_ROOT"];

/// The environment variables of the process. They hold secrets, and `Debug` shows none.
#[derive(Clone)]
pub struct Environment(HashMap<String, String>);

/// A setting is missing or wrong. It stops the function at its start.
#[derive(Debug, thiserror::Error)]
#[error("{name} {reason}")]
pub struct SettingError {
    name: &'static str,
    reason: String,
}

impl SettingError {
    pub fn new(name: &'static str, reason: impl Display) -> Self {
        Self { name, reason: reason.to_string() }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment(******)")
    }
}

impl Environment {
    /// Reads the environment of this process.
    pub fn of_process() -> Self {
        // `vars` would panic, and print the value, if a variable is not UTF-8.
        let text = |text: OsString| text.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// An environment of these variables, for tests.
    pub fn of(variables: &HashMap<String, String>) -> Self {
        Self(variables.clone())
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The value of a variable without spaces around it; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a required variable.
    pub fn required(&self, name: &'static str) -> Result<&str, SettingError> {
        self.get(name).ok_or_else(|| SettingError::new(name, "is missing"))
    }

    /// Whether `cargo dev` runs this function. Never in Lambda, whatever a template sets.
    pub fn is_under_cargo_dev(&self) -> bool {
        let is_in_lambda = OF_LAMBDA.iter().any(|name| self.get(name).is_some());
        self.get(UNDER_CARGO_DEV) == Some("true") && !is_in_lambda
    }

    /// A number in this range; if the variable is absent, the table's default.
    pub fn number(
        &self,
        name: &'static str,
        range: RangeInclusive<u32>,
    ) -> Result<u32, SettingError> {
        let number = self.get_or_default(name).parse().ok();
        number.filter(|value| range.contains(value)).ok_or_else(|| {
            let reason = format!("must be a number from {} to {}", range.start(), range.end());
            SettingError::new(name, reason)
        })
    }

    /// A value whose type judges it; if the variable is absent, the table's default.
    pub fn parsed<T: FromStr<Err: Display>>(&self, name: &'static str) -> Result<T, SettingError> {
        self.get_or_default(name).parse().map_err(|error| SettingError::new(name, error))
    }

    fn get_or_default(&self, name: &str) -> &str {
        self.get(name).or_else(|| default(name)).unwrap_or_default()
    }
}

fn default(name: &str) -> Option<&'static str> {
    match Setting::named(name)?.when_absent {
        WhenAbsent::Default(value) => Some(value),
        WhenAbsent::Required | WhenAbsent::Off | WhenAbsent::Instead(_) => None,
    }
}
