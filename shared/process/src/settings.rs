//! Every setting: its name, its default, what it means, which functions read it.
//!
//! Tests compare this table with what the functions read, with `docs/settings.md`, with the
//! parameters of `template.yaml`, and with `cargo dev`.

/// A setting. A function reads it from its environment when it starts.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    pub when_absent: WhenAbsent,
    /// The functions that read it. The template gives it to no other.
    pub readers: &'static [&'static str],
    /// The text of `docs/settings.md`.
    pub meaning: &'static str,
}

/// What happens when a setting is absent or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenAbsent {
    /// The function does not start.
    Required,
    /// The feature is off.
    Off,
    /// It has this value.
    Default(&'static str),
    /// The function uses something else, described here for people.
    Instead(&'static str),
}

use WhenAbsent::{Default, Instead, Off, Required};

const ALL: &[&str] = &["register", "activate", "account", "operate", "site"];
const WITH_ROUTES: &[&str] = &["register", "activate", "account", "site"];
const WITH_DATABASE: &[&str] = &["register", "activate", "account", "operate"];
const WITH_KEYS: &[&str] = &["register", "activate", "account"];
const WITH_MAIL: &[&str] = &["register", "account"];
/// What people see: emails and pages.
const SEEN: &[&str] = &["register", "account", "site"];

/// Every setting, in the order of `docs/settings.md`.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting("DATABASE_URL", Required, WITH_DATABASE, "PostgreSQL, with the user. Another machine is reached over TLS only, and its certificate and name are checked; on this machine `sslmode=require` or `verify-full` turns TLS on"),
    setting("DATABASE_CA_FILE", Instead("Amazon's roots"), WITH_DATABASE, "PEM file with the roots that may sign the database's certificate. The default suits RDS Proxy; an RDS instance has roots of its own"),
    setting("DATABASE_AUTH", Instead("the URL's password"), WITH_DATABASE, "`iam`: sign in with an IAM token, renewed every ten minutes, instead of a password"),
    setting("SECRET_KEY", Required, WITH_KEYS, "`id:base64[,id:base64…]`, at least 32 random bytes each. The first key signs, all of them verify. Not needed with `SECRET_KEY_ARN`"),
    setting("SECRET_KEY_ARN", Off, WITH_KEYS, "The secret in Secrets Manager that holds what `SECRET_KEY` would. It is read at start, every five minutes, and when a code or session names an unknown key"),
    setting("MAIL_FROM", Required, WITH_MAIL, "The sender of every email: one address, with a display name if you like (`Example <no-reply@example.com>`)"),
    setting("MAIL_CONFIGURATION_SET", Off, WITH_MAIL, "The SES configuration set"),
    setting("PUBLIC_URL", Required, WITH_ROUTES, "Where people and browsers find the service: scheme, host, port and path; `http` on this machine only. Links in emails lead there, it is the issuer of sessions, and pages of its origin may call"),
    setting("SITE_NAME", Instead("the host of `PUBLIC_URL`"), SEEN, "The site's name on its pages and in its emails, at most 60 characters"),
    setting("LOGO_URL", Off, SEEN, "The site's logo: a path or URL of the origin of `PUBLIC_URL`, or an image as `data:image/…;base64,…` of at most 2048 bytes, which emails do not show"),
    setting("ACCENT_COLOR", Default("#3d4fd6"), SEEN, "The colour of buttons and links, as `#rrggbb`, with a contrast of at least 3:1 with white. What the dark scheme and small text need is derived from it"),
    setting("HOME_URL", Off, &["site"], "Where people go on to once their account is active"),
    setting("SUPPORT_URL", Off, SEEN, "Where people get help: a page, or `mailto:` and an address"),
    setting("TRUSTED_CALLERS", Off, WITH_ROUTES, "CIDRs, separated by commas: back ends that may name their end user's address in the header `X-End-User-Address`. Everyone else's header is ignored"),
    setting("CORS_ORIGINS", Off, WITH_ROUTES, "Origins besides our own whose pages may call the API, like `https://www.example.com`, separated by commas"),
    setting("PASSWORD_MIN_LENGTH", Default("8"), &["register", "account", "site"], "Characters of a new password, 1 to 256. The pages state it"),
    setting("SESSION_SECONDS", Default("1800"), &["account"], "How long a session lasts, at most a day"),
    setting("CODE_LENGTH", Default("4"), &["register", "activate", "site"], "Digits of a code, 4 to 8. The pages state it"),
    setting("CODE_LIFETIME_SECONDS", Default("60"), &["register", "site"], "How long a code works, at most a day. The pages state it"),
    setting("CODE_GUESSES", Default("3"), &["register"], "Wrong guesses on each code. Stored with each attempt: a change holds for new attempts"),
    setting("ADDRESS_GUESSES_PER_DAY", Default("10"), &["register"], "Wrong guesses for an address in 24 hours. Stored with each attempt: a change holds for new attempts"),
    setting("NETWORK_GUESSES_PER_HOUR", Default("30"), &["activate"], "Wrong guesses from a network in an hour"),
    setting("RESEND_COOLDOWN_SECONDS", Default("30"), &["register"], "Wait between two emails of an attempt"),
    setting("ATTEMPT_MAILS", Default("4"), &["register", "activate"], "Emails of an attempt in its 24 hours"),
    setting("ADDRESS_SIGNUPS_PER_DAY", Default("10"), WITH_MAIL, "Sign-ups and requests for a new password for an address in 24 hours, from all networks"),
    setting("ADDRESS_NETWORK_SIGNUPS_PER_DAY", Default("5"), WITH_MAIL, "The same from one network"),
    setting("NETWORK_SIGNUPS_PER_HOUR", Default("60"), WITH_MAIL, "Sign-ups and requests for a new password from a network in an hour, for any address"),
    setting("NETWORK_PASSWORD_FAILURES_PER_MINUTE", Default("10"), WITH_KEYS, "Wrong passwords from a network in a minute, in calls that name no attempt"),
    setting("ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR", Default("20"), WITH_KEYS, "Wrong passwords for an address from one network in an hour, in calls that name no attempt"),
    setting("ADDRESS_PASSWORD_FAILURES_PER_HOUR", Default("100"), WITH_KEYS, "Wrong passwords for an address from all networks in an hour, in calls that name no attempt"),
    setting("ATTEMPT_PASSWORD_FAILURES", Default("20"), WITH_KEYS, "Wrong passwords for an attempt in an hour, in calls that name it with its address"),
    setting("ACCOUNT_PASSWORD_FAILURES", Default("20"), &["account"], "Wrong current passwords of a signed-in account in an hour"),
    setting("OPERATE_COMMANDS", Required, &["operate"], "The commands that this deployment of `operate` accepts, separated by commas: `migrate`, `purge`, `import`, `grant`"),
    setting("AWS_LAMBDA_LOG_LEVEL", Default("INFO"), ALL, "The log level. Only our own crates ever log more than INFO: at TRACE the others print whole requests"),
    setting("RUST_LOG", Default("INFO"), ALL, "The same outside Lambda"),
];

const fn setting(
    name: &'static str,
    when_absent: WhenAbsent,
    readers: &'static [&'static str],
    meaning: &'static str,
) -> Setting {
    Setting { name, when_absent, readers, meaning }
}

impl Setting {
    /// The setting with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }
}
