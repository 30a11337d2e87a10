//! pgAdmin: the database in a browser.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{Ending, Leash, ToolError, dev_folder, folders, install, leash, workspace};

/// The database that pgAdmin shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminDatabase {
    /// A name, an address, or the folder of a socket.
    pub host: String,
    pub port: u16,
    pub name: String,
    pub user: String,
    pub password: String,
    /// Refuse to connect without TLS.
    pub needs_tls: bool,
}

/// A running pgAdmin. It ends when this is dropped.
#[derive(Debug)]
pub struct Admin {
    leash: Leash,
    port: u16,
    log: PathBuf,
}

/// The name and text of a query, which pgAdmin opens as a file.
pub type Query = (&'static str, &'static str);

impl Admin {
    /// Starts pgAdmin on this port of 127.0.0.1. It has no password, so it never listens elsewhere.
    /// The first time it installs it and sets it up.
    pub fn start(
        port: u16,
        database: &AdminDatabase,
        queries: &[Query],
    ) -> Result<Self, ToolError> {
        let binaries = install::pgadmin()?.join("bin");
        let folder = dev_folder().join("pgadmin");
        let home = folder.join("queries");
        folders::create(&home, None)?;
        for (name, text) in queries {
            let path = home.join(name);
            fs::write(&path, text).map_err(ToolError::at("write", &path))?;
        }
        set_up(&binaries, &folder, database)?;
        let mut command = command(&binaries.join("pgadmin4"), &folder);
        command.env("PGADMIN_INT_PORT", port.to_string());
        let log = folder.join("output.log");
        command.stderr(File::create(&log).map_err(ToolError::at("write", &log))?);
        Ok(Self { leash: Leash::start(command)?, port, log })
    }

    /// Its page.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whether it has ended unexpectedly.
    pub fn has_ended(&mut self) -> bool {
        self.leash.ended().is_some()
    }

    pub fn wait_until_it_answers(&mut self) -> Result<(), ToolError> {
        const PATIENCE: Duration = Duration::from_mins(2);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.has_ended() {
                let said = leash::last_words(&self.log);
                return Err(ToolError::Failed { doing: "starting pgAdmin".into(), said });
            }
            let answer = minreq::get(self.url() + "/misc/ping").with_timeout(5).send();
            if answer.is_ok_and(|answer| answer.status_code == 200) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(200));
        }
        let said = leash::last_words(&self.log);
        Err(ToolError::Silent { what: "pgAdmin", seconds: PATIENCE.as_secs(), said })
    }
}

/// One of pgAdmin's programs, with our settings.
fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Leash::command(program, &Ending::default());
    command
        .env("PGADMIN_DATA", folder.join("data"))
        .env_remove("PGADMIN_INT_KEY")
        .env_remove("PGADMIN_SERVER_MODE")
        // It looks for `config_local.py` here. Python must not write beside it.
        .env("PYTHONPATH", workspace().join("dev/tools/pgadmin"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // Where its dialog to open files begins.
        .env("HOME", folder.join("queries"));
    command
}

/// Registers the database in pgAdmin, unless it is the one of the last start.
fn set_up(binaries: &Path, folder: &Path, database: &AdminDatabase) -> Result<(), ToolError> {
    let data = folder.join("data");
    let passfile = folder.join("passfile");
    folders::write(&passfile, &database.passfile(), None)?;
    let servers = database.servers(&passfile);
    let done = folder.join("servers.json");
    if data.join("pgadmin4.db").exists() && fs::read_to_string(&done).is_ok_and(|it| it == servers)
    {
        return Ok(());
    }
    folders::create(&data, None)?;
    let draft = folder.join("servers.draft.json");
    folders::write(&draft, &servers, None)?;
    let cli = binaries.join("pgadmin4-cli");
    let log = folder.join("setup.log");
    let mut create = command(&cli, folder);
    create.arg("setup-db");
    leash::run("setting up pgAdmin", &log, create)?;
    let mut load = command(&cli, folder);
    load.arg("load-servers").arg(&draft).arg("--replace");
    leash::run("setting up pgAdmin", &log, load)?;
    // It succeeds even if it fails.
    let said = leash::last_words(&log);
    if !said.contains("1 Server(s)") {
        return Err(ToolError::Failed { doing: "setting up pgAdmin".into(), said });
    }
    fs::rename(&draft, &done).map_err(ToolError::at("write", &done))
}

impl AdminDatabase {
    /// In the format of `pgadmin4-cli load-servers`.
    fn servers(&self, passfile: &Path) -> String {
        let tls = if self.needs_tls { "require" } else { "prefer" };
        let server = json!({
            "Name": "registration",
            "Group": "Servers",
            "Host": self.host,
            "Port": self.port,
            "MaintenanceDB": self.name,
            "Username": self.user,
            "ConnectionParameters": { "passfile": passfile, "sslmode": tls, "connect_timeout": 10 },
        });
        json!({ "Servers": { "1": server } }).to_string()
    }

    /// libpq reads the password from such a file. Without one, pgAdmin would ask for a password even
    /// where the database needs none.
    fn passfile(&self) -> String {
        let escaped = |text: &str| text.replace('\\', r"\\").replace(':', r"\:");
        let password = if self.password.is_empty() { "none" } else { &self.password };
        format!(
            "{}:{}:*:{}:{}\n",
            escaped(&self.host),
            self.port,
            escaped(&self.user),
            escaped(password)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(host: &str, password: &str) -> AdminDatabase {
        AdminDatabase {
            host: host.to_owned(),
            port: 5433,
            name: "postgres".to_owned(),
            user: "postgres".to_owned(),
            password: password.to_owned(),
            needs_tls: false,
        }
    }

    #[test]
    fn the_password_is_in_its_file_alone() {
        let database = database("127.0.0.1", r"a:b\c");
        assert_eq!(database.passfile(), "127.0.0.1:5433:*:postgres:a\\:b\\\\c\n");
        let servers = database.servers(Path::new("/clone/passfile"));
        assert!(servers.contains(r#""passfile":"/clone/passfile""#), "{servers}");
        assert!(!servers.contains(r"b\c"), "{servers}");
    }

    #[test]
    fn without_a_password_there_still_is_a_line() {
        assert_eq!(database("/tmp/a", "").passfile(), "/tmp/a:5433:*:postgres:none\n");
    }
}
