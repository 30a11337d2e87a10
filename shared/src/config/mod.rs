//! The environment, read once and turned into ready parts.

mod database;

use std::{collections::HashMap, fmt::Display, ops::RangeInclusive};

use crate::{
    authentication::{AddressLimits, PasswordFailures},
    domain::{code::CodeLength, keys::Keys, limits::Limit, network::TrustedCallers},
    http::{Origins, origin_of},
    mailer::{Links, MailerSettings},
    storage::{MailRules, Storage, StorageError},
};

pub use database::database;

/// Long enough for any window, and so many entries that a row stays readable.
const MOST_PLACES: u32 = 1_000_000;

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// The environment variables of the process.
pub struct Environment(HashMap<String, String>);

/// A setting is missing or wrong. It stops the function at its start.
#[derive(Debug, thiserror::Error)]
#[error("{name} {reason}")]
pub struct SettingError {
    name: &'static str,
    reason: String,
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

    /// The value of a variable; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn required(&self, name: &'static str) -> Result<&str, SettingError> {
        self.get(name).ok_or_else(|| SettingError { name, reason: "is missing".to_owned() })
    }

    fn number(
        &self,
        name: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
    ) -> Result<u32, SettingError> {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.parse().ok().filter(|value| range.contains(value)).ok_or_else(|| {
            let reason = format!("must be a number from {} to {}", range.start(), range.end());
            SettingError { name, reason }
        })
    }

    fn limit(&self, name: &'static str, default: u32, seconds: u32) -> Result<Limit, SettingError> {
        Ok(Limit { name, places: self.number(name, default, 0..=MOST_PLACES)?, seconds })
    }
}

/// The secret keys: `SECRET_KEY`.
pub fn keys(environment: &Environment) -> Result<Keys, SettingError> {
    let name = "SECRET_KEY";
    Keys::try_from(environment.required(name)?).map_err(|error| wrong(name, error))
}

/// Connects to the database. Stops the start if `migrate` of this build has not seen it; any other
/// failure is left to the first request, as the database may be back by then.
pub async fn connect(storage: &Storage) -> Result<(), SettingError> {
    let refused = |error: StorageError| {
        wrong("DATABASE_URL", format!("names a database that is not ready: {error}"))
    };
    storage.warm_up().await.map_err(refused)
}

/// Whom we believe whose address a request came from: `TRUSTED_CALLERS`.
pub fn trusted_callers(environment: &Environment) -> Result<TrustedCallers, SettingError> {
    let name = "TRUSTED_CALLERS";
    TrustedCallers::try_from(environment.get(name).unwrap_or_default())
        .map_err(|error| wrong(name, error))
}

/// How mails leave: `MAIL_FROM`, `MAIL_CONFIGURATION_SET`.
pub fn mailer(environment: &Environment) -> Result<MailerSettings, SettingError> {
    Ok(MailerSettings {
        from: environment.required("MAIL_FROM")?.to_owned(),
        configuration_set: environment.get("MAIL_CONFIGURATION_SET").map(str::to_owned),
    })
}

/// Where mailed links lead: `PUBLIC_URL`.
pub fn links(environment: &Environment) -> Result<Links, SettingError> {
    let name = "PUBLIC_URL";
    let url = environment.required(name)?.trim_end_matches('/');
    if origin_of(url).is_some() {
        Ok(Links { public_url: url.to_owned() })
    } else {
        Err(wrong(name, "must begin with https:// (or http:// on one machine)"))
    }
}

/// Our own origin, as browsers write it (RFC 6454 §6.2): that of `PUBLIC_URL`.
pub fn own_origin(environment: &Environment) -> Result<String, SettingError> {
    Ok(origin_of(&links(environment)?.public_url).expect("its links were read"))
}

/// Whose pages may call us, besides our own: `CORS_ORIGINS`.
pub fn origins(environment: &Environment) -> Result<Origins, SettingError> {
    let name = "CORS_ORIGINS";
    Origins::try_from(environment.get(name).unwrap_or_default()).map_err(|error| wrong(name, error))
}

/// How long a session lasts, in seconds: `SESSION_SECONDS`.
pub fn session_seconds(environment: &Environment) -> Result<u32, SettingError> {
    environment.number("SESSION_SECONDS", 1800, 1..=DAY)
}

/// How many digits a code has: `CODE_LENGTH`.
pub fn code_length(environment: &Environment) -> Result<CodeLength, SettingError> {
    let name = "CODE_LENGTH";
    let digits = environment.number(name, 4, 4..=8)?;
    u8::try_from(digits)
        .ok()
        .and_then(|digits| CodeLength::try_from(digits).ok())
        .ok_or_else(|| wrong(name, "must be a number from 4 to 8"))
}

/// How long a code lives and how often it is mailed.
pub fn mail_rules(environment: &Environment) -> Result<MailRules, SettingError> {
    Ok(MailRules {
        code_lifetime: environment.number("CODE_LIFETIME_SECONDS", 60, 1..=DAY)?,
        resend_cooldown: environment.number("RESEND_COOLDOWN_SECONDS", 30, 0..=DAY)?,
        attempt_mails: attempt_mails(environment)?,
    })
}

/// Mails of an attempt, which lives 24 hours: `ATTEMPT_MAILS`.
pub fn attempt_mails(environment: &Environment) -> Result<u32, SettingError> {
    environment.number("ATTEMPT_MAILS", 4, 0..=MOST_PLACES)
}

/// Wrong guesses on each code: `CODE_GUESSES`.
pub fn code_guesses(environment: &Environment) -> Result<u32, SettingError> {
    environment.number("CODE_GUESSES", 3, 0..=MOST_PLACES)
}

/// The shortest password that may be chosen: `PASSWORD_MIN_LENGTH`.
pub fn password_min_length(environment: &Environment) -> Result<usize, SettingError> {
    environment.number("PASSWORD_MIN_LENGTH", 8, 1..=256).map(|length| length as usize)
}

/// Limits on sign-ups, and on whatever else mails somebody who has not asked for it.
pub fn sign_up_limits(environment: &Environment) -> Result<AddressLimits, SettingError> {
    Ok(AddressLimits {
        address_network: environment.limit("ADDRESS_NETWORK_SIGNUPS_PER_DAY", 5, DAY)?,
        network: environment.limit("NETWORK_SIGNUPS_PER_HOUR", 60, HOUR)?,
        address: environment.limit("ADDRESS_SIGNUPS_PER_DAY", 10, DAY)?,
    })
}

/// Limits on wrong passwords.
pub fn password_failures(environment: &Environment) -> Result<PasswordFailures, SettingError> {
    Ok(PasswordFailures {
        unnamed: AddressLimits {
            network: environment.limit("NETWORK_PASSWORD_FAILURES_PER_MINUTE", 10, MINUTE)?,
            address_network: environment.limit(
                "ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR",
                20,
                HOUR,
            )?,
            address: environment.limit("ADDRESS_PASSWORD_FAILURES_PER_HOUR", 100, HOUR)?,
        },
        attempt: environment.limit("ATTEMPT_PASSWORD_FAILURES", 20, HOUR)?,
    })
}

/// The limit on wrong current passwords of an account that is signed in. No stranger's call counts here.
pub fn account_password_failures(environment: &Environment) -> Result<Limit, SettingError> {
    environment.limit("ACCOUNT_PASSWORD_FAILURES", 20, HOUR)
}

/// The limit on wrong guesses at an address.
pub fn address_guesses(environment: &Environment) -> Result<Limit, SettingError> {
    environment.limit("ADDRESS_GUESSES_PER_DAY", 10, DAY)
}

/// The limit on wrong guesses from a network.
pub fn network_guesses(environment: &Environment) -> Result<Limit, SettingError> {
    environment.limit("NETWORK_GUESSES_PER_HOUR", 30, HOUR)
}

/// The commands that this deployment of `operate` accepts, of those there are:
/// `OPERATE_COMMANDS`.
pub fn operate_commands(
    environment: &Environment,
    known: &[&'static str],
) -> Result<Vec<&'static str>, SettingError> {
    let name = "OPERATE_COMMANDS";
    let one = |text: &str| known.iter().copied().find(|command| *command == text.trim());
    let commands: Option<Vec<_>> = environment.required(name)?.split(',').map(one).collect();
    commands.ok_or_else(|| wrong(name, format!("must name some of {}", known.join(", "))))
}

pub(crate) fn wrong(name: &'static str, reason: impl Display) -> SettingError {
    SettingError { name, reason: reason.to_string() }
}
