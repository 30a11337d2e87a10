//! The settings of `cargo dev`, and those that it passes to the functions.

use std::{
    env, fmt::Display, fs, io, io::Read as _, net::Ipv4Addr, os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::stack::DevError;

/// The settings of one start.
pub(crate) struct Settings {
    /// Where mailbox and database listen. The functions always listen on 127.0.0.1.
    pub(crate) bind: Ipv4Addr,
    /// The functions' port: `PORT`.
    pub(crate) port: u16,
    /// `MAILBOX_PORT`.
    pub(crate) mailbox_port: u16,
    /// The port of our own PostgreSQL: `DATABASE_PORT`.
    pub(crate) database_port: u16,
    /// An existing database: `DATABASE_URL`.
    pub(crate) database_url: Option<String>,
}

impl Settings {
    pub(crate) fn read(bind: Ipv4Addr) -> Result<Self, DevError> {
        Ok(Self {
            bind,
            port: port("PORT", 9000)?,
            mailbox_port: port("MAILBOX_PORT", 8005)?,
            database_port: port("DATABASE_PORT", 5433)?,
            database_url: variable("DATABASE_URL"),
        })
    }

    /// The ports that we need, each with the variable that moves it.
    pub(crate) fn ports(&self) -> Vec<(&'static str, u16)> {
        let mut ports = vec![("PORT", self.port), ("MAILBOX_PORT", self.mailbox_port)];
        if self.database_url.is_none() {
            ports.push(("DATABASE_PORT", self.database_port));
        }
        ports
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
            ("PUBLIC_URL", format!("http://127.0.0.1:{}", self.port)),
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
        .collect()
    }

    /// Printed when everything is running.
    pub(crate) fn banner(&self, database_url: &str, mailbox_url: &str) -> impl Display {
        let Self { bind, port, .. } = self;
        let shared = if bind.is_loopback() {
            String::new()
        } else {
            format!(
                "\n  mailbox and database listen on {bind}, for containers and any program that reaches it"
            )
        };
        format!(
            "\n\
             ready\n\
             \n  sign up   http://127.0.0.1:{port}/\
             \n  mailbox   {mailbox_url}/\
             \n  API       http://127.0.0.1:{port}/docs\
             \n  database  {database_url}{shared}\n\
             \n  curl -i http://127.0.0.1:{port}/register -H 'content-type: application/json' \\\
             \n       -d '{{\"email\": \"ada@example.com\", \"password\": \"correct horse battery\"}}'\n\
             \n  Ctrl-C stops everything.\n"
        )
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
