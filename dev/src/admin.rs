//! `cargo dev --admin`: the database in pgAdmin, with queries that help.

use tokio_postgres::{Config, config::Host};
use tools::{Admin, AdminDatabase, Query};

use crate::stack::DevError;

/// In pgAdmin's dialog to open a file.
const QUERIES: [Query; 2] = [
    ("attempts-of-an-address.sql", include_str!("../queries/attempts-of-an-address.sql")),
    ("limits-in-use.sql", include_str!("../queries/limits-in-use.sql")),
];

/// Starts pgAdmin, and does not wait for it.
pub(crate) fn start(port: u16, database_url: &str) -> Result<Admin, DevError> {
    let database = database_url.parse().map_err(DevError::NoUrl)?;
    Ok(Admin::start(port, &read(&database), &QUERIES)?)
}

fn read(config: &Config) -> AdminDatabase {
    let text = |text: Option<&str>| text.unwrap_or("postgres").to_owned();
    let (host, is_here) = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => (name.clone(), is_loopback(name)),
        Some(Host::Unix(folder)) => (folder.display().to_string(), true),
        None => ("127.0.0.1".to_owned(), true),
    };
    AdminDatabase {
        host,
        port: config.get_ports().first().copied().unwrap_or(5432),
        name: text(config.get_dbname()),
        user: text(config.get_user()),
        password: config.get_password().map(String::from_utf8_lossy).unwrap_or_default().into(),
        // Like the functions: nothing goes over a network in the clear.
        needs_tls: !is_here,
    }
}

fn is_loopback(name: &str) -> bool {
    name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_url_of_a_database_can_be_shown() {
        let read = |url: &str| read(&url.parse().unwrap());
        let ours = read("postgres://postgres@127.0.0.1:5433/postgres?sslmode=disable");
        assert_eq!((ours.host.as_str(), ours.port, ours.needs_tls), ("127.0.0.1", 5433, false));
        assert_eq!((ours.user.as_str(), ours.password.as_str()), ("postgres", ""));
        let socket = read("postgres://postgres@%2Ftmp%2Fa-1/postgres");
        assert_eq!(
            (socket.host.as_str(), socket.port, socket.needs_tls),
            ("/tmp/a-1", 5432, false)
        );
        let other = read("postgres://ada:s%3Acret@db.example/people");
        assert_eq!((other.password.as_str(), other.name.as_str()), ("s:cret", "people"));
        assert!(other.needs_tls);
    }
}
