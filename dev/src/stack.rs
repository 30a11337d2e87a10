//! Starts the parts of the stack one after the other, and stops them in reverse order.

use std::{
    fs::File,
    io::{self, IsTerminal as _},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use shared::{
    aws::SdkConfig,
    config,
    process::{Environment, SettingError},
    storage::{Connector, MigrateError, migrate},
};
use tools::{
    Admin, Ending, Leash, Mailbox, Postgres, ToolError, dev_folder, is_ours,
    without_cargo_variables, workspace,
};

use crate::{
    admin,
    arguments::Arguments,
    output::Output,
    settings::{Settings, secret_key},
};

/// The running parts. Rust drops fields in this order, so a part ends before those that it needs.
pub(crate) struct Stack {
    functions: Leash,
    output: Output,
    log: PathBuf,
    admin: Option<Admin>,
    mailbox: Mailbox,
    database: Option<Postgres>,
    database_url: String,
}

/// Why `cargo dev` stops, for the developer at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevError {
    #[error("port {port} is taken. Free it, or choose another: {name}=… cargo dev")]
    PortTaken { name: &'static str, port: u16 },
    #[error("this machine has no address {0}: give --bind one that it has, or 0.0.0.0 for all")]
    NoAddress(Ipv4Addr),
    #[error("{0} must be a port, a number from 1 to 65535")]
    NoPort(&'static str),
    #[error("--fresh deletes only the data of our own PostgreSQL, and DATABASE_URL names another")]
    NotOurs,
    #[error("{0}")]
    Tool(#[from] ToolError),
    #[error("{0}")]
    Setting(#[from] SettingError),
    #[error("DATABASE_URL is not a PostgreSQL URL: {0}")]
    NoUrl(tokio_postgres::Error),
    #[error("the database could not be brought up to date: {0}{1}")]
    Migrate(MigrateError, String),
    #[error("the functions did not answer on port {0}: see above")]
    Silent(u16),
    #[error("{0} ended unexpectedly; the rest was stopped")]
    Ended(&'static str),
    #[error("cannot listen to signals: {0}")]
    Signals(io::Error),
    #[error("{0}: {1}")]
    Io(&'static str, io::Error),
    #[error("the event is not JSON: {0}")]
    NotJson(serde_json::Error),
    #[error("nothing listens on port {0}: run `cargo dev`, or name a database with DATABASE_URL")]
    NoDatabase(u16),
    #[error("{0}")]
    Command(String),
}

impl Stack {
    /// Starts everything, and prints each step.
    pub(crate) fn start(settings: &Settings, arguments: Arguments) -> Result<Self, DevError> {
        if !is_ours(settings.bind) {
            return Err(DevError::NoAddress(settings.bind));
        }
        if let Some((name, port)) = settings.taken_port() {
            return Err(DevError::PortTaken { name, port });
        }
        // First the tools that may have to be installed.
        let cargo_lambda = tools::cargo_lambda()?;
        tools::mailbox()?;
        let (database, database_url) = start_database(settings, arguments.is_fresh)?;
        say("bringing the schema up to date");
        bring_up_to_date(&database_url)?;
        say("starting the mailbox");
        let mailbox = Mailbox::start(settings.bind, settings.mailbox_port)?;
        // It takes its time, which the build uses.
        let admin = settings.admin_port.map(|port| start_admin(port, &database_url)).transpose()?;
        say("building the functions (the first time takes minutes)");
        // With the options of `cargo lambda watch`, which then has nothing left to build.
        tools::build(&["register", "activate", "account", "site"], &[])?;
        say("starting the functions");
        let mut functions =
            start_functions(settings, &cargo_lambda, (&database_url, &mailbox.url()))?;
        let log = dev_folder().join(format!("functions-{}.log", settings.port));
        let raw =
            File::create(&log).map_err(|error| DevError::Io("cannot write the log", error))?;
        let printed = functions.output().expect("it is piped");
        let output = Output::read(printed, raw, arguments.is_verbose);
        let mut stack = Self { functions, output, log, admin, mailbox, database, database_url };
        stack.wait_until_ready(settings)?;
        if let Some(admin) = &mut stack.admin {
            admin.wait_until_it_answers()?;
        }
        Ok(stack)
    }

    /// From now on, shows a line for each request.
    pub(crate) fn show_requests(&self) {
        self.output.show_requests();
    }

    /// pgAdmin's page.
    pub(crate) fn admin_url(&self) -> Option<String> {
        self.admin.as_ref().map(Admin::url)
    }

    /// The file with everything that the functions print, from the root of the clone.
    pub(crate) fn log(&self) -> String {
        let workspace = workspace();
        self.log.strip_prefix(&workspace).unwrap_or(&self.log).display().to_string()
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    /// A part that has ended unexpectedly.
    pub(crate) fn ended_part(&mut self) -> Option<&'static str> {
        if self.functions.ended().is_some() {
            Some("cargo lambda watch")
        } else if self.mailbox.has_ended() {
            Some("the mailbox")
        } else if self.admin.as_mut().is_some_and(Admin::has_ended) {
            Some("pgAdmin")
        } else if self.database.as_mut().is_some_and(Postgres::has_ended) {
            Some("PostgreSQL")
        } else {
            None
        }
    }

    /// Functions start at their first request, so each gets one.
    fn wait_until_ready(&mut self, settings: &Settings) -> Result<(), DevError> {
        const PATIENCE: Duration = Duration::from_mins(2);
        let started = Instant::now();
        let (address, port) = (tools::reached(settings.bind), settings.port);
        for (path, status) in [("/health", 200), ("/register", 405), ("/logout", 405), ("/", 200)] {
            let answers = || {
                minreq::get(format!("http://{address}:{port}{path}"))
                    .with_timeout(10)
                    .send()
                    .is_ok_and(|answer| answer.status_code == status)
            };
            while !answers() {
                if let Some(part) = self.ended_part() {
                    return Err(DevError::Ended(part));
                }
                if started.elapsed() > PATIENCE {
                    return Err(DevError::Silent(port));
                }
                thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(())
    }
}

fn say(what: &str) {
    println!("{what} …");
}

fn start_admin(port: u16, database_url: &str) -> Result<Admin, DevError> {
    say("starting pgAdmin (setting it up the first time takes some seconds)");
    admin::start(port, database_url)
}

/// Our own PostgreSQL, unless `DATABASE_URL` names another one.
///
/// Ours comes from npm: the same version on every machine, without root or Docker.
fn start_database(
    settings: &Settings,
    is_fresh: bool,
) -> Result<(Option<Postgres>, String), DevError> {
    if let Some(url) = &settings.database_url {
        return if is_fresh { Err(DevError::NotOurs) } else { Ok((None, url.clone())) };
    }
    let data = dev_folder().join("data");
    tools::postgres_binaries()?;
    if is_fresh {
        say("deleting the data");
        Postgres::erase(&data)?;
    }
    say("starting PostgreSQL");
    let server = Postgres::persistent(&data, settings.bind, settings.database_port)?;
    let url = server.url("postgres");
    Ok((Some(server), url))
}

fn bring_up_to_date(url: &str) -> Result<(), DevError> {
    let database = database(url)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| DevError::Io("cannot start a runtime", error))?;
    let outcome = runtime.block_on(async {
        // A host that drops packets would make us wait for minutes.
        tokio::time::timeout(Duration::from_mins(1), migrate(&database)).await
    });
    match outcome {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            Err(DevError::Migrate(error, cause.unwrap_or_default()))
        }
        Err(elapsed) => {
            Err(DevError::Io("the database does not respond", io::Error::other(elapsed)))
        }
    }
}

/// Follows the rules of the functions: TLS, unless the database is on this machine.
fn database(url: &str) -> Result<Connector, DevError> {
    let environment = Environment::of_process().with("DATABASE_URL", url);
    Ok(config::database(&environment, &SdkConfig::builder().build())?)
}

fn start_functions(
    settings: &Settings,
    cargo_lambda: &Path,
    (database_url, mailbox_url): (&str, &str),
) -> Result<Leash, DevError> {
    let secret_key = secret_key(&dev_folder().join("secret_key"))
        .map_err(|error| DevError::Io("cannot keep a secret key", error))?;
    let ending = Ending { signal: "INT", ..Ending::default() };
    let mut watch = Leash::command(cargo_lambda, &ending);
    watch
        .args(["lambda", "watch", "--invoke-address", &settings.bind.to_string()])
        .args(["--invoke-port", &settings.port.to_string()])
        .envs(settings.for_functions(database_url, mailbox_url, &secret_key))
        .current_dir(workspace())
        .stderr(Stdio::piped());
    if io::stdout().is_terminal() {
        // A pipe would make cargo's errors colorless.
        watch.env("CARGO_TERM_COLOR", "always");
    }
    without_cargo_variables(&mut watch);
    Ok(Leash::start(watch)?)
}
