//! A private PostgreSQL server: one that tests throw away, or one that keeps its data.

mod data;
mod processes;

use std::{
    env,
    fs::{self, File},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::Signal;

use crate::{Ending, Leash, ToolError, account::Account, folders, free_port, install};

/// A running server, ended when this is dropped or when our program ends in whatever way.
///
/// Its superuser is `postgres`, without a password: only programs of this machine reach it, unless
/// its containers are let in.
#[derive(Debug)]
pub struct Postgres {
    binaries: PathBuf,
    account: Option<Account>,
    place: Place,
    /// Absent between [`Postgres::stop`] and [`Postgres::start`].
    leash: Option<Leash>,
}

/// Where a server keeps its data and where it listens.
#[derive(Debug)]
enum Place {
    /// All in one new folder, the socket too. Without TLS it has no port, so no two servers can
    /// want the same one.
    Temporary { folder: PathBuf, tls_port: Option<u16>, settings: Vec<String> },
    /// The lock keeps a second `cargo dev` away from the data.
    Kept { data: PathBuf, address: Ipv4Addr, port: u16, _lock: File },
}

impl Postgres {
    /// A server for tests: up in a fraction of a second, and its data die with it. They are in
    /// memory where there is room.
    pub fn temporary() -> Result<Self, ToolError> {
        let mut server = Self::unstarted(&data::memory_or_disk(), None, &[])?;
        server.start()?;
        Ok(server)
    }

    /// The same on the disk, where a commit waits if the settings say so and much data has room.
    /// The settings, such as `jit=off`, win over those of every temporary server.
    pub fn temporary_with(settings: &[&str]) -> Result<Self, ToolError> {
        let mut server = Self::unstarted(&env::temp_dir(), None, settings)?;
        server.start()?;
        Ok(server)
    }

    /// The same on a port of this machine, where it speaks to nobody without TLS. `certificate` and
    /// `key` are PEM.
    pub fn temporary_with_tls(certificate: &str, key: &str) -> Result<Self, ToolError> {
        let port = free_port()
            .map_err(|source| ToolError::Io { doing: "cannot find a port".into(), source })?;
        let mut server = Self::unstarted(&data::memory_or_disk(), Some(port), &[])?;
        let data = server.data();
        let doors = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        let files = [("server.crt", certificate), ("server.key", key), ("pg_hba.conf", doors)];
        for (name, text) in files {
            folders::write(&data.join(name), text, server.account)?;
        }
        server.start()?;
        Ok(server)
    }

    fn unstarted(
        parent: &Path,
        tls_port: Option<u16>,
        settings: &[&str],
    ) -> Result<Self, ToolError> {
        let binaries = install::postgres_binaries()?;
        let account = Account::for_postgres();
        let template = data::template(&binaries, account)?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let folder = data::temporary_folder(parent, account)?;
        let place = Place::Temporary { folder, tls_port, settings };
        let server = Self { binaries, account, place, leash: None };
        folders::copy(&template, &server.data(), account)?;
        Ok(server)
    }

    /// A server on a port of this machine, which keeps its data in this folder. For root it may
    /// be a folder that stands for it, when PostgreSQL's user could not enter this one.
    ///
    /// It always listens on 127.0.0.1. With another `address` it listens there, too, and lets this
    /// machine's containers in.
    pub fn persistent(data: &Path, address: Ipv4Addr, port: u16) -> Result<Self, ToolError> {
        let binaries = install::postgres_binaries()?;
        let account = Account::for_postgres();
        let (data, lock) = data::claim(data, account)?;
        data::initialise(&binaries, &data, account)?;
        if address != Ipv4Addr::LOCALHOST {
            data::let_containers_in(&data, account)?;
        }
        let place = Place::Kept { data, address, port, _lock: lock };
        let mut server = Self { binaries, account, place, leash: None };
        server.start()?;
        Ok(server)
    }

    /// Deletes what [`Postgres::persistent`] has kept in this folder.
    pub fn erase(data: &Path) -> Result<(), ToolError> {
        let (data, _lock) = data::claim(data, Account::for_postgres())?;
        if !data.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&data).map_err(ToolError::at("remove", &data))
    }

    /// How to connect to one of its databases. Only `postgres` exists from the start.
    pub fn url(&self, database: &str) -> String {
        match &self.place {
            Place::Temporary { folder, tls_port, .. } => {
                let port = tls_port.map(|port| format!(":{port}")).unwrap_or_default();
                format!("postgres://postgres@{}{port}/{database}", percent_encoded(folder))
            }
            Place::Kept { port, .. } => Self::url_at(*port, database),
        }
    }

    /// The same for a server that somebody else has started with [`Postgres::persistent`].
    pub fn url_at(port: u16, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// The port of [`Postgres::temporary_with_tls`].
    pub fn tls_port(&self) -> Option<u16> {
        match self.place {
            Place::Temporary { tls_port, .. } => tls_port,
            Place::Kept { .. } => None,
        }
    }

    /// The number of its main process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.leash.as_ref().map(Leash::pid)
    }

    /// Starts it again after [`Postgres::stop`], with the data it had.
    pub fn start(&mut self) -> Result<(), ToolError> {
        if self.leash.is_some() {
            return Ok(());
        }
        let data = self.data();
        let log = data.with_extension("log");
        let mut command = Leash::command(self.binaries.join("bin/postgres"), &self.ending());
        command.arg("-D").arg(&data).args(self.settings()).current_dir("/");
        command.stderr(File::create(&log).map_err(ToolError::at("write", &log))?);
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        let leash = Leash::start(command)?;
        processes::wait_until_ready(self.leash.insert(leash), &data, &log)
    }

    /// Ends it at once, as a crash would, and keeps the data for [`Postgres::start`].
    pub fn stop(&mut self) {
        // Its processes would not hear of the end while they are frozen.
        self.thaw();
        self.leash = None;
    }

    /// Lets it hang: it takes connections and answers nothing, until [`Postgres::thaw`].
    pub fn freeze(&mut self) {
        if let Some(leash) = &mut self.leash {
            // First the one that starts the others, so that their list is complete.
            leash.signal(Signal::STOP);
            processes::signal_children(leash.pid(), Signal::STOP);
        }
    }

    /// Lets it go on.
    pub fn thaw(&mut self) {
        if let Some(leash) = &mut self.leash {
            processes::signal_children(leash.pid(), Signal::CONT);
            leash.signal(Signal::CONT);
        }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.leash.as_mut().is_some_and(|leash| leash.ended().is_some())
    }

    fn data(&self) -> PathBuf {
        match &self.place {
            Place::Temporary { folder, .. } => folder.join("data"),
            Place::Kept { data, .. } => data.clone(),
        }
    }

    fn ending(&self) -> Ending {
        match &self.place {
            // "Immediate" shutdown: nobody needs these data again. More than the five seconds
            // after which PostgreSQL itself kills those of its processes that do not obey.
            Place::Temporary { folder, .. } => Ending {
                signal: "QUIT",
                grace: Duration::from_secs(10),
                litter: Some(folder.clone()),
            },
            // "Fast" shutdown: clients are cut off, the data are written.
            Place::Kept { .. } => {
                Ending { signal: "INT", grace: Duration::from_secs(30), litter: None }
            }
        }
    }

    fn settings(&self) -> Vec<String> {
        match &self.place {
            Place::Temporary { folder, tls_port, settings } => [
                if tls_port.is_some() { "listen_addresses=127.0.0.1" } else { "listen_addresses=" },
                if tls_port.is_some() { "ssl=on" } else { "ssl=off" },
                &format!("unix_socket_directories={}", folder.display()),
                &format!("port={}", tls_port.unwrap_or(5432)),
                // A pool per test, all tests at once.
                "max_connections=200",
                // The machine may crash, for all a test cares.
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                // It would start a worker for each of hundreds of databases, every minute.
                "autovacuum=off",
            ]
            .into_iter()
            // PostgreSQL takes the last of several values.
            .chain(settings.iter().map(String::as_str))
            .map(|setting| format!("-c{setting}"))
            .collect(),
            Place::Kept { data, address, port, .. } => {
                let mut settings = vec![
                    format!("-clisten_addresses={}", listened_to(*address)),
                    "-cunix_socket_directories=".to_owned(),
                    format!("-cport={port}"),
                ];
                if *address != Ipv4Addr::LOCALHOST {
                    let rules = data::container_rules(data);
                    settings.push(format!("-chba_file={}", rules.display()));
                }
                settings
            }
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
        if let Place::Temporary { folder, .. } = &self.place {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn listened_to(address: Ipv4Addr) -> String {
    if address.is_unspecified() || address == Ipv4Addr::LOCALHOST {
        address.to_string()
    } else {
        format!("{},{address}", Ipv4Addr::LOCALHOST)
    }
}

/// A path as the host of a URL.
fn percent_encoded(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    path.as_os_str().as_encoded_bytes().iter().fold(String::new(), |url, &byte| match byte {
        byte if plain(byte) => url + char::from(byte).encode_utf8(&mut [0]),
        byte => url + &format!("%{byte:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_folder_is_the_host_of_the_url() {
        assert_eq!(percent_encoded(Path::new("/tmp/a b-1")), "%2Ftmp%2Fa%20b-1");
    }
}
