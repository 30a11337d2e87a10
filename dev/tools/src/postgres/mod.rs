//! A private PostgreSQL server: temporary for tests, or persistent for `cargo dev`.

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

use crate::{Ending, Leash, ToolError, folders, free_port, install, unix_user::UnixUser};

/// A running server. It ends when this is dropped, and however our program ends.
///
/// Its superuser is `postgres`, without a password: only programs on this machine can reach it, and
/// its containers if they are let in.
#[derive(Debug)]
pub struct Postgres {
    binaries: PathBuf,
    user: Option<UnixUser>,
    location: Location,
    /// `None` between [`Postgres::stop`] and [`Postgres::start`].
    leash: Option<Leash>,
}

/// Where a server keeps its data and where it listens.
#[derive(Debug)]
enum Location {
    /// Data and socket are in one new folder. Without TLS there is no port, so servers cannot
    /// conflict.
    Temporary { folder: PathBuf, tls_port: Option<u16>, settings: Vec<String> },
    /// The lock keeps a second `cargo dev` from using the data.
    Kept { data: PathBuf, address: Ipv4Addr, port: u16, lock: File },
}

impl Postgres {
    /// A server for tests: starts in a fraction of a second and deletes its data at the end. The
    /// data are in memory if there is room.
    pub fn temporary() -> Result<Self, ToolError> {
        let mut server = Self::unstarted(&data::memory_or_disk(), None, &[])?;
        server.start()?;
        Ok(server)
    }

    /// The same on disk, which has room for more data, and where commits can be made to wait. The
    /// settings, such as `jit=off`, override those of temporary servers.
    pub fn temporary_with(settings: &[&str]) -> Result<Self, ToolError> {
        let mut server = Self::unstarted(&env::temp_dir(), None, settings)?;
        server.start()?;
        Ok(server)
    }

    /// The same on a port that requires TLS. `certificate` and `key` are PEM.
    pub fn temporary_with_tls(certificate: &str, key: &str) -> Result<Self, ToolError> {
        let port = free_port()
            .map_err(|source| ToolError::Io { doing: "cannot find a port".into(), source })?;
        let mut server = Self::unstarted(&data::memory_or_disk(), Some(port), &[])?;
        let data = server.data();
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        let files = [("server.crt", certificate), ("server.key", key), ("pg_hba.conf", rules)];
        for (name, text) in files {
            folders::write(&data.join(name), text, server.user)?;
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
        let user = UnixUser::for_postgres();
        let template = data::template(&binaries, user)?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let folder = data::temporary_folder(parent, user)?;
        let location = Location::Temporary { folder, tls_port, settings };
        let server = Self { binaries, user, location, leash: None };
        folders::copy(&template, &server.data(), user)?;
        Ok(server)
    }

    /// A server on a port, which keeps its data in this folder. For root it may use a substitute
    /// folder, if PostgreSQL's user cannot enter this one.
    ///
    /// It always listens on 127.0.0.1. With another `address`, it also listens there and lets this
    /// machine's containers in.
    pub fn persistent(data: &Path, address: Ipv4Addr, port: u16) -> Result<Self, ToolError> {
        let binaries = install::postgres_binaries()?;
        let user = UnixUser::for_postgres();
        let (data, lock) = data::claim(data, user)?;
        data::initialise(&binaries, &data, user)?;
        if address != Ipv4Addr::LOCALHOST {
            data::let_containers_in(&data, user)?;
        }
        let location = Location::Kept { data, address, port, lock };
        let mut server = Self { binaries, user, location, leash: None };
        server.start()?;
        Ok(server)
    }

    /// Deletes the data that [`Postgres::persistent`] keeps in this folder.
    pub fn erase(data: &Path) -> Result<(), ToolError> {
        let (data, _lock) = data::claim(data, UnixUser::for_postgres())?;
        if !data.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&data).map_err(ToolError::at("remove", &data))
    }

    /// The URL of one of its databases. At first there is only `postgres`.
    pub fn url(&self, database: &str) -> String {
        match &self.location {
            Location::Temporary { folder, tls_port, .. } => {
                let port = tls_port.map(|port| format!(":{port}")).unwrap_or_default();
                format!("postgres://postgres@{}{port}/{database}", percent_encoded(folder))
            }
            Location::Kept { port, .. } => Self::url_at(*port, database),
        }
    }

    /// The same for a server that another process started with [`Postgres::persistent`].
    pub fn url_at(port: u16, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// The port of [`Postgres::temporary_with_tls`].
    pub fn tls_port(&self) -> Option<u16> {
        match self.location {
            Location::Temporary { tls_port, .. } => tls_port,
            Location::Kept { .. } => None,
        }
    }

    /// The id of its main process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.leash.as_ref().map(Leash::pid)
    }

    /// Starts it again after [`Postgres::stop`], with the same data.
    pub fn start(&mut self) -> Result<(), ToolError> {
        if self.leash.is_some() {
            return Ok(());
        }
        let data = self.data();
        let log = data.with_extension("log");
        let mut command = Leash::command(self.binaries.join("bin/postgres"), &self.ending());
        command.arg("-D").arg(&data).args(self.settings()).current_dir("/");
        command.stderr(File::create(&log).map_err(ToolError::at("write", &log))?);
        if let Some(user) = self.user {
            user.run(&mut command);
        }
        let leash = Leash::start(command)?;
        processes::wait_until_ready(self.leash.insert(leash), &data, &log)
    }

    /// Ends it at once, like a crash, and keeps the data for [`Postgres::start`].
    pub fn stop(&mut self) {
        // Frozen processes would not receive the signal.
        self.thaw();
        self.leash = None;
    }

    /// Makes it hang: it accepts connections but answers nothing, until [`Postgres::thaw`].
    pub fn freeze(&mut self) {
        if let Some(leash) = &mut self.leash {
            // First the main process, which starts the others, so that their list is complete.
            leash.signal(Signal::STOP);
            processes::signal_children(leash.pid(), Signal::STOP);
        }
    }

    pub fn thaw(&mut self) {
        if let Some(leash) = &mut self.leash {
            processes::signal_children(leash.pid(), Signal::CONT);
            leash.signal(Signal::CONT);
        }
    }

    /// Whether it has ended unexpectedly.
    pub fn has_ended(&mut self) -> bool {
        self.leash.as_mut().is_some_and(|leash| leash.ended().is_some())
    }

    fn data(&self) -> PathBuf {
        match &self.location {
            Location::Temporary { folder, .. } => folder.join("data"),
            Location::Kept { data, .. } => data.clone(),
        }
    }

    fn ending(&self) -> Ending {
        match &self.location {
            // "Immediate" shutdown: these data are not needed again. PostgreSQL itself kills its
            // processes after five seconds if they have not ended, so wait longer.
            Location::Temporary { folder, .. } => Ending {
                signal: "QUIT",
                grace: Duration::from_secs(10),
                litter: Some(folder.clone()),
            },
            // "Fast" shutdown: disconnects clients and writes the data.
            Location::Kept { .. } => {
                Ending { signal: "INT", grace: Duration::from_secs(30), litter: None }
            }
        }
    }

    fn settings(&self) -> Vec<String> {
        match &self.location {
            Location::Temporary { folder, tls_port, settings } => [
                if tls_port.is_some() { "listen_addresses=127.0.0.1" } else { "listen_addresses=" },
                if tls_port.is_some() { "ssl=on" } else { "ssl=off" },
                &format!("unix_socket_directories={}", folder.display()),
                &format!("port={}", tls_port.unwrap_or(5432)),
                // Every test has a pool, and all tests run at once.
                "max_connections=200",
                // Tests need not survive a crash of the machine.
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                // It would start a worker for each of hundreds of databases every minute.
                "autovacuum=off",
            ]
            .into_iter()
            // PostgreSQL uses the last value of a setting.
            .chain(settings.iter().map(String::as_str))
            .map(|setting| format!("-c{setting}"))
            .collect(),
            Location::Kept { data, address, port, .. } => {
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
        let _ = match &self.location {
            Location::Temporary { folder, .. } => fs::remove_dir_all(folder),
            // Closing the file would not be enough: a process that another thread is starting
            // inherits it for a moment.
            Location::Kept { lock, .. } => lock.unlock(),
        };
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
