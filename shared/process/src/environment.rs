//! The settings of this process, as its environment gives them.

use std::{collections::HashMap, fmt::Display, ops::RangeInclusive};

use crate::settings::{Preset, Setting};

/// The environment variables of the process.
pub struct Environment(HashMap<String, String>);

/// A setting is missing or wrong. It stops the function at its start.
#[derive(Debug, thiserror::Error)]
#[error("{name} {reason}")]
pub struct SettingError {
    name: &'static str,
    reason: String,
}

impl SettingError {
    /// This setting is wrong, for this reason.
    pub fn new(name: &'static str, reason: impl Display) -> Self {
        Self { name, reason: reason.to_string() }
    }
}

impl Environment {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
    pub fn of_process() -> Self {
        Self(std::env::vars().collect())
    }

    /// These variables, for tests.
    pub fn of(variables: &HashMap<String, String>) -> Self {
        Self(variables.clone())
    }

    /// The same with another value for this variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The value of a variable without spaces around it; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a variable that must be there.
    pub fn required(&self, name: &'static str) -> Result<&str, SettingError> {
        self.get(name).ok_or_else(|| SettingError::new(name, "is missing"))
    }

    /// A number in this range; if the variable is absent, the table's default.
    pub fn number(
        &self,
        name: &'static str,
        range: RangeInclusive<u32>,
    ) -> Result<u32, SettingError> {
        let text = self.get(name).or_else(|| default(name)).unwrap_or_default();
        text.parse().ok().filter(|value| range.contains(value)).ok_or_else(|| {
            let reason = format!("must be a number from {} to {}", range.start(), range.end());
            SettingError::new(name, reason)
        })
    }
}

fn default(name: &str) -> Option<&'static str> {
    match Setting::named(name)?.default {
        Preset::Value(value) => Some(value),
        Preset::Required | Preset::Off => None,
    }
}
