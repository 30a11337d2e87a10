//! The environment, read once and turned into ready parts.

mod database;

use domain::{
    attempt::{AttemptRules, ResendRules},
    limits::Limit,
    list,
    sender::Sender,
};
use process::{Environment, SettingError, rules::code_rules};
use web::{PublicUrl, brand::Brand};

use crate::{
    authentication::{AddressLimits, PasswordLimits},
    mailer::{Letterhead, MailerSettings},
    storage::{Pool, StorageError},
};

pub use database::database;

/// The highest limit: a row of `limits` has an entry for each place that is taken.
const MOST_PLACES: u32 = 1_000_000;

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// Connects to the database. Stops the start if `migrate` of this build has not seen it; any other
/// failure is left to the first request, as the database may be back by then.
pub async fn connect(pool: &Pool) -> Result<(), SettingError> {
    let refused = |error: StorageError| {
        SettingError::new("DATABASE_URL", format!("names a database that is not ready: {error}"))
    };
    pool.warm_up().await.map_err(refused)
}

/// How mails leave: `MAIL_FROM`, `MAIL_CONFIGURATION_SET`.
pub fn mailer(environment: &Environment) -> Result<MailerSettings, SettingError> {
    let (from, set) = ("MAIL_FROM", "MAIL_CONFIGURATION_SET");
    // As SES names them.
    let is_name = |name: &str| {
        name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let configuration_set = environment.get(set).map(str::to_owned);
    if configuration_set.as_deref().is_some_and(|name| !is_name(name)) {
        return Err(SettingError::new(set, "must have letters, digits, - and _ only, at most 64"));
    }
    let from = Sender::parse(environment.required(from)?)
        .map_err(|error| SettingError::new(from, error))?;
    Ok(MailerSettings { from, configuration_set })
}

/// What all emails share: `PUBLIC_URL` and the settings of the brand.
pub fn letterhead(environment: &Environment) -> Result<Letterhead, SettingError> {
    let public_url = PublicUrl::of(environment)?;
    let brand = Brand::of(environment, &public_url)?;
    Ok(Letterhead { brand, public_url })
}

/// How long a session lasts, in seconds: `SESSION_SECONDS`.
pub fn session_seconds(environment: &Environment) -> Result<u32, SettingError> {
    environment.number("SESSION_SECONDS", 1..=DAY)
}

/// The rules of an attempt: its codes and its emails.
pub fn attempt_rules(environment: &Environment) -> Result<AttemptRules, SettingError> {
    Ok(AttemptRules {
        code: code_rules(environment)?,
        resend: ResendRules {
            cooldown_seconds: environment.number("RESEND_COOLDOWN_SECONDS", 0..=DAY)?,
            attempt_mails: attempt_mails(environment)?,
        },
    })
}

/// Emails of an attempt in its 24 hours.
pub fn attempt_mails(environment: &Environment) -> Result<u32, SettingError> {
    environment.number("ATTEMPT_MAILS", 0..=MOST_PLACES)
}

/// Limits on sign-ups and on requests for a new password.
pub fn sign_up_limits(environment: &Environment) -> Result<AddressLimits, SettingError> {
    Ok(AddressLimits {
        address_network: limit(environment, "ADDRESS_NETWORK_SIGNUPS_PER_DAY", DAY)?,
        network: limit(environment, "NETWORK_SIGNUPS_PER_HOUR", HOUR)?,
        address: limit(environment, "ADDRESS_SIGNUPS_PER_DAY", DAY)?,
    })
}

/// Limits on wrong passwords.
pub fn password_limits(environment: &Environment) -> Result<PasswordLimits, SettingError> {
    Ok(PasswordLimits {
        unnamed: AddressLimits {
            network: limit(environment, "NETWORK_PASSWORD_FAILURES_PER_MINUTE", MINUTE)?,
            address_network: limit(
                environment,
                "ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR",
                HOUR,
            )?,
            address: limit(environment, "ADDRESS_PASSWORD_FAILURES_PER_HOUR", HOUR)?,
        },
        attempt: limit(environment, "ATTEMPT_PASSWORD_FAILURES", HOUR)?,
    })
}

/// The limit on wrong current passwords of an account that is signed in. No stranger's call counts here.
pub fn account_password_limit(environment: &Environment) -> Result<Limit, SettingError> {
    limit(environment, "ACCOUNT_PASSWORD_FAILURES", HOUR)
}

/// The limit on wrong guesses at an address.
pub fn address_guesses(environment: &Environment) -> Result<Limit, SettingError> {
    limit(environment, "ADDRESS_GUESSES_PER_DAY", DAY)
}

/// The limit on wrong guesses from a network.
pub fn network_guesses(environment: &Environment) -> Result<Limit, SettingError> {
    limit(environment, "NETWORK_GUESSES_PER_HOUR", HOUR)
}

/// The commands that this deployment of `operate` accepts, of those there are:
/// `OPERATE_COMMANDS`.
pub fn operate_commands(
    environment: &Environment,
    known: &[&'static str],
) -> Result<Vec<&'static str>, SettingError> {
    let name = "OPERATE_COMMANDS";
    let one = |text: &str| known.iter().copied().find(|command| *command == text);
    let commands: Option<Vec<_>> = list::entries(environment.required(name)?).map(one).collect();
    commands
        .filter(|commands| !commands.is_empty())
        .ok_or_else(|| SettingError::new(name, format!("must name some of {}", known.join(", "))))
}

fn limit(
    environment: &Environment,
    name: &'static str,
    window_seconds: u32,
) -> Result<Limit, SettingError> {
    Ok(Limit { name, capacity: environment.number(name, 0..=MOST_PLACES)?, window_seconds })
}
