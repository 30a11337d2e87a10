//! Every setting: its name, its default, what it means, which functions read it.
//!
//! This table is the one place that says so. Tests hold to it what the functions read,
//! `docs/settings.md`, the parameters of `template.yaml` and `cargo dev`.

/// A setting, which a function reads from its environment when it starts.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What holds without it.
    pub default: Preset,
    /// The functions that read it. No other is told it.
    pub readers: &'static [&'static str],
    /// For the people who set it.
    pub meaning: &'static str,
}

/// What holds when a setting is absent or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// The function does not start.
    Required,
    /// What it would turn on is off.
    Off,
    /// This value.
    Value(&'static str),
}

use Preset::{Off, Required, Value};

const ALL: &[&str] = &["register", "activate", "account", "site", "operate"];
const ROUTED: &[&str] = &["register", "activate", "account", "site"];
const WITH_DATABASE: &[&str] = &["register", "activate", "account", "operate"];
const WITH_KEYS: &[&str] = &["register", "activate", "account"];
const WITH_MAIL: &[&str] = &["register", "account"];

/// Every setting, in the order of `docs/settings.md`.
#[rustfmt::skip]
pub const SETTINGS: [Setting; 30] = [
    setting("PUBLIC_URL", Required, ROUTED, "where people and browsers find the service: scheme, host, port and path. Mailed links lead there, sessions name it, and its origin is ours. `http` on loopback alone"),
    setting("CORS_ORIGINS", Off, ROUTED, "origins besides our own whose pages may call the API, like `https://www.example.com`, separated by commas"),
    setting("TRUSTED_CALLERS", Off, ROUTED, "networks (CIDR, separated by commas) of your own back ends: the header `X-End-User-Address` of their calls names the end user, whose network the limits then count"),
    setting("DATABASE_URL", Required, WITH_DATABASE, "PostgreSQL. Any other machine is reached over TLS, and its certificate and name are checked; on this machine `sslmode=require` asks for that"),
    setting("DATABASE_CA_FILE", Value("Amazon's roots"), WITH_DATABASE, "a PEM file with the certificates that may sign the database's. Amazon's roots suit RDS Proxy; RDS itself has its own"),
    setting("DATABASE_AUTH", Value("the URL's password"), WITH_DATABASE, "`iam`: a token of IAM instead of a password, renewed every ten minutes"),
    setting("SECRET_KEY", Required, WITH_KEYS, "`id:base64[,id:base64…]`, at least 32 random bytes each. The first key signs, all of them verify. Not needed with `SECRET_KEY_ARN`"),
    setting("SECRET_KEY_ARN", Off, WITH_KEYS, "the secret in Secrets Manager that holds what `SECRET_KEY` would. It is read at start, every five minutes, and when a code or a session names an unknown key"),
    setting("MAIL_FROM", Required, WITH_MAIL, "the sender of all email: one address, with a display name if you like (`Example <no-reply@example.com>`)"),
    setting("MAIL_CONFIGURATION_SET", Off, WITH_MAIL, "the SES configuration set"),
    setting("SESSION_SECONDS", Value("1800"), &["account"], "how long a session lives"),
    setting("PASSWORD_MIN_LENGTH", Value("8"), &["register", "account", "site"], "characters that a new password needs at least, 1 to 256"),
    setting("CODE_LENGTH", Value("4"), &["register", "activate", "site"], "digits of a code, 4 to 8"),
    setting("CODE_LIFETIME_SECONDS", Value("60"), &["register"], "how long a code works"),
    setting("CODE_GUESSES", Value("3"), &["register"], "wrong guesses at one code. It is stored with each attempt: a change holds for attempts opened from then on"),
    setting("ADDRESS_GUESSES_PER_DAY", Value("10"), &["register"], "wrong guesses at one address in 24 hours, over all its attempts. Stored as `CODE_GUESSES` is"),
    setting("NETWORK_GUESSES_PER_HOUR", Value("30"), &["activate"], "wrong guesses from one network"),
    setting("RESEND_COOLDOWN_SECONDS", Value("30"), &["register"], "the wait between two emails of an attempt"),
    setting("ATTEMPT_MAILS", Value("4"), &["register", "activate"], "emails of one attempt in its 24 hours"),
    setting("ADDRESS_NETWORK_SIGNUPS_PER_DAY", Value("5"), WITH_MAIL, "sign-ups for one address from one network in 24 hours; requests for a new password count as well"),
    setting("ADDRESS_SIGNUPS_PER_DAY", Value("10"), WITH_MAIL, "the same from all networks"),
    setting("NETWORK_SIGNUPS_PER_HOUR", Value("60"), WITH_MAIL, "sign-ups from one network; requests for a new password count as well"),
    setting("NETWORK_PASSWORD_FAILURES_PER_MINUTE", Value("10"), WITH_KEYS, "wrong passwords from one network, in calls that name no attempt"),
    setting("ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR", Value("20"), WITH_KEYS, "wrong passwords for one address from one network, in calls that name no attempt"),
    setting("ADDRESS_PASSWORD_FAILURES_PER_HOUR", Value("100"), WITH_KEYS, "the same from all networks"),
    setting("ATTEMPT_PASSWORD_FAILURES", Value("20"), WITH_KEYS, "wrong passwords for one attempt in an hour, in calls that name it together with its address"),
    setting("ACCOUNT_PASSWORD_FAILURES", Value("20"), &["account"], "wrong current passwords of one signed-in account in an hour"),
    setting("OPERATE_COMMANDS", Required, &["operate"], "the commands that this deployment of `operate` accepts: `migrate`, `purge`, `import`, `grant`, separated by commas"),
    setting("AWS_LAMBDA_LOG_LEVEL", Value("INFO"), ALL, "how much our own crates log; other crates never say more than INFO. Lambda sets it"),
    setting("RUST_LOG", Off, ALL, "the same, by crate, where `AWS_LAMBDA_LOG_LEVEL` is absent"),
];

const fn setting(
    name: &'static str,
    default: Preset,
    readers: &'static [&'static str],
    meaning: &'static str,
) -> Setting {
    Setting { name, default, readers, meaning }
}

impl Setting {
    /// The setting with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }
}
