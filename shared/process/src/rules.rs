//! Settings that several functions must read alike.

use domain::code::{CodeLength, CodeRules};

use crate::{Environment, SettingError};

const DAY: u32 = 24 * 60 * 60;

/// Wrong guesses that a setting may allow at most: enough for any use.
const MOST_GUESSES: u32 = 1_000_000;

/// How many digits a code has.
pub fn code_length(environment: &Environment) -> Result<CodeLength, SettingError> {
    environment.parsed("CODE_LENGTH")
}

/// How long a code works.
pub fn code_lifetime_seconds(environment: &Environment) -> Result<u32, SettingError> {
    environment.number("CODE_LIFETIME_SECONDS", 1..=DAY)
}

/// All rules of a code.
pub fn code_rules(environment: &Environment) -> Result<CodeRules, SettingError> {
    Ok(CodeRules {
        length: code_length(environment)?,
        lifetime_seconds: code_lifetime_seconds(environment)?,
        guesses: environment.number("CODE_GUESSES", 0..=MOST_GUESSES)?,
    })
}

/// How many characters a new password needs.
pub fn password_min_length(environment: &Environment) -> Result<usize, SettingError> {
    environment.number("PASSWORD_MIN_LENGTH", 1..=256).map(|length| length as usize)
}
