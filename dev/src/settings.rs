//! The settings of `cargo dev`, and those that it passes to the functions.

use std::{
    env, fs, io, io::Read as _, net::Ipv4Addr, os::unix::fs::OpenOptionsExt as _, path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::process::environment::UNDER_CARGO_DEV;
use tools::{is_taken, is_taken_at, network_address};

use crate::{arguments::Arguments, stack::DevError};

/// The settings of one start.
pub(crate) struct Settings {
    /// Where functions, mailbox and database listen. The database listens on 127.0.0.1 as well.
    pub(crate) bind: Ipv4Addr,
    /// The functions' port: `PORT`.
    pub(crate) port: u16,
    /// `MAILBOX_PORT`.
    pub(crate) mailbox_port: u16,
    /// The port of our own PostgreSQL: `DATABASE_PORT`.
    pub(crate) database_port: u16,
    /// pgAdmin's port: `ADMIN_PORT`. `None` without `--admin`.
    pub(crate) admin_port: Option<u16>,
    /// An existing database: `DATABASE_URL`.
    pub(crate) database_url: Option<String>,
}

impl Settings {
    pub(crate) fn read(arguments: Arguments) -> Result<Self, DevError> {
        Ok(Self {
            bind: arguments.bind,
            port: port("PORT", 9000)?,
            mailbox_port: port("MAILBOX_PORT", 8005)?,
            database_port: port("DATABASE_PORT", 5433)?,
            admin_port: if arguments.has_admin { Some(port("ADMIN_PORT", 8050)?) } else { None },
            database_url: variable("DATABASE_URL"),
        })
    }

    /// The ports that we need, each with the variable that moves it.
    pub(crate) fn ports(&self) -> Vec<(&'static str, u16)> {
        let mut ports = vec![("PORT", self.port), ("MAILBOX_PORT", self.mailbox_port)];
        if self.database_url.is_none() {
            ports.push(("DATABASE_PORT", self.database_port));
        }
        ports.extend(self.admin_port.map(|port| ("ADMIN_PORT", port)));
        ports
    }

    /// The first port that another program listens on, with the variable that moves it.
    pub(crate) fn taken_port(&self) -> Option<(&'static str, u16)> {
        let is_taken = |port| is_taken(port) || is_taken_at(self.bind, port);
        self.ports().into_iter().find(|(_, port)| is_taken(*port))
    }

    /// The functions and their pages, as this machine and others in its network find them.
    pub(crate) fn public_url(&self) -> String {
        format!("http://{}:{}", self.host(), self.port)
    }

    /// The mailbox's page.
    pub(crate) fn mailbox_url(&self) -> String {
        format!("http://{}:{}", self.host(), self.mailbox_port)
    }

    /// The address in URLs: 0.0.0.0 is only for listening.
    fn host(&self) -> Ipv4Addr {
        if self.bind.is_unspecified() {
            network_address().unwrap_or(Ipv4Addr::LOCALHOST)
        } else {
            self.bind
        }
    }

    /// The functions' settings. Those that the environment sets stay as they are.
    pub(crate) fn for_functions(
        &self,
        database_url: &str,
        mailbox_url: &str,
        secret_key: &str,
    ) -> Vec<(&'static str, String)> {
        // The pages are ours under both names of this machine, whatever `PUBLIC_URL` is.
        let ours = ["127.0.0.1", "localhost"].map(|name| format!("http://{name}:{}", self.port));
        let origins = variable("CORS_ORIGINS").into_iter().chain(ours).collect::<Vec<_>>();
        [
            ("AWS_ENDPOINT_URL_SESV2", mailbox_url.to_owned()),
            ("AWS_REGION", "eu-west-1".to_owned()),
            // The mailbox accepts any credentials, but the SDK needs some to sign requests.
            ("AWS_ACCESS_KEY_ID", "dev".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "dev".to_owned()),
            ("DATABASE_URL", database_url.to_owned()),
            ("MAIL_FROM", "no-reply@registration.example".to_owned()),
            ("SITE_NAME", "Example".to_owned()),
            ("PUBLIC_URL", self.public_url()),
            ("SECRET_KEY", secret_key.to_owned()),
            // All callers share one address here.
            ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0".to_owned()),
            ("ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR", "0".to_owned()),
            ("NETWORK_SIGNUPS_PER_HOUR", "0".to_owned()),
            ("NETWORK_GUESSES_PER_HOUR", "0".to_owned()),
            ("NETWORK_PASSWORD_FAILURES_PER_MINUTE", "0".to_owned()),
        ]
        .into_iter()
        .filter(|(name, _)| variable(name).is_none())
        .chain([("CORS_ORIGINS", origins.join(","))])
        .chain([(UNDER_CARGO_DEV, "true".to_owned())])
        .chain(log_levels())
        .collect()
    }
}

/// The secret key of this project folder, generated once, so that codes outlive a restart.
pub(crate) fn secret_key(path: &Path) -> io::Result<String> {
    if let Ok(key) = fs::read_to_string(path) {
        return Ok(key);
    }
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let key = format!("dev:{}", STANDARD.encode(bytes));
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    io::Write::write_all(&mut file, key.as_bytes())?;
    Ok(key)
}

/// The level of the logs, and an event for each request.
fn log_levels() -> [(&'static str, String); 2] {
    let given = variable("AWS_LAMBDA_LOG_LEVEL").or_else(|| variable("RUST_LOG"));
    let level = given.unwrap_or_else(|| "info".to_owned());
    // The first would win.
    [
        ("AWS_LAMBDA_LOG_LEVEL", String::new()),
        ("RUST_LOG", format!("{level},web::request_line=debug")),
    ]
}

fn port(name: &'static str, default: u16) -> Result<u16, DevError> {
    match variable(name) {
        None => Ok(default),
        Some(text) => text.parse().ok().filter(|port| *port > 0).ok_or(DevError::NoPort(name)),
    }
}

#[expect(clippy::disallowed_methods, reason = "`cargo dev` has settings of its own")]
fn variable(name: &str) -> Option<String> {
    let value = env::var(name).ok()?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}
