//! Where the database is, and how to get in.

use std::{fs, net::IpAddr, str::FromStr, sync::Mutex};

use process::{Environment, SettingError};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};

use crate::{
    aws::SdkConfig,
    storage::{Connector, IamTokens},
};

const AUTH: &str = "DATABASE_AUTH";

/// Where the database is, and how to get in: `DATABASE_URL`, `DATABASE_CA_FILE`, `DATABASE_AUTH`.
pub fn database(
    environment: &Environment,
    sdk_config: &SdkConfig,
) -> Result<Connector, SettingError> {
    let url = "DATABASE_URL";
    // Certificate and name are always checked. The parser does not know libpq's word for that.
    let text = environment.required(url)?.replace("sslmode=verify-full", "sslmode=require");
    let config = Config::from_str(&text)
        // The parser's own words may quote a password.
        .map_err(|_| SettingError::new(url, "is not a PostgreSQL URL"))?;
    expect_complete(&config).map_err(|reason| SettingError::new(url, reason))?;
    let is_iam = match environment.get(AUTH) {
        None => false,
        Some("iam") => true,
        Some(_) => return Err(SettingError::new(AUTH, "must be `iam`, or be left out")),
    };
    // Read even where TLS is not used: a wrong path is told at once.
    let roots = roots(environment)?;
    if is_iam {
        let tokens = tokens(&config, sdk_config)?;
        return Ok(with_tls(config, roots.as_deref())?.with_iam(tokens));
    }
    if needs_tls(environment, &config)? {
        with_tls(config, roots.as_deref())
    } else {
        Ok(Connector::in_the_clear(config))
    }
}

/// Refuses what could never connect.
fn expect_complete(config: &Config) -> Result<(), &'static str> {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let ports = config.get_ports();
    let is_name = |host: &str| {
        host.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c)) && !host.is_empty()
    };
    let are_hosts = hosts.iter().all(|host| match host {
        Host::Tcp(name) => is_name(name),
        Host::Unix(_) => true,
    });
    if hosts.is_empty() && addresses.is_empty() {
        Err("names no host")
    } else if !are_hosts {
        Err("names a host with a sign that no host has: encode signs of the password (RFC 3986)")
    } else if config.get_user().is_none() && !is_here(config) {
        Err("names no user")
    } else if !(hosts.is_empty() || addresses.is_empty() || hosts.len() == addresses.len()) {
        Err("must name as many addresses as hosts")
    } else if ports.contains(&0)
        || ports.len() > 1 && ports.len() != hosts.len().max(addresses.len())
    {
        Err("must name one port, or one for each host")
    } else {
        Ok(())
    }
}

/// Whether the database is on this machine.
fn is_here(config: &Config) -> bool {
    let are_named_here = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(host) => {
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    });
    // `hostaddr` says where a host really is, whatever its name.
    are_named_here && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// A token is for one user of one host.
fn tokens(config: &Config, sdk_config: &SdkConfig) -> Result<IamTokens, SettingError> {
    let unfit = |reason| SettingError::new("DATABASE_URL", reason);
    if config.get_password().is_some() {
        return Err(unfit("must hold no password: IAM makes one"));
    }
    let [Host::Tcp(host)] = config.get_hosts() else {
        return Err(unfit("must name one host, as IAM does"));
    };
    let user = config.get_user().ok_or_else(|| unfit("must name a user, as IAM does"))?;
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let region =
        sdk_config.region().ok_or_else(|| SettingError::new("AWS_REGION", "is missing"))?;
    let credentials = sdk_config.credentials_provider();
    Ok(IamTokens {
        credentials: credentials.ok_or_else(|| SettingError::new(AUTH, "needs AWS credentials"))?,
        region: region.to_string(),
        user: user.to_owned(),
        endpoint: format!("{host}:{port}"),
        current: Mutex::default(),
    })
}

/// Nothing goes over a network in the clear. On one machine TLS is used only if it is asked for,
/// and functions in SAM's containers may reach their host without.
fn needs_tls(environment: &Environment, config: &Config) -> Result<bool, SettingError> {
    let unfit = |reason| SettingError::new("DATABASE_URL", reason);
    let is_here = is_here(config);
    let has_tls = match config.get_ssl_mode() {
        SslMode::Require => true,
        SslMode::Disable if is_here || environment.get("AWS_SAM_LOCAL") == Some("true") => false,
        SslMode::Disable => return Err(unfit("must not say sslmode=disable for another machine")),
        _ => !is_here,
    };
    let has_names = !config.get_hosts().is_empty()
        && config.get_hosts().iter().all(|host| matches!(host, Host::Tcp(_)));
    if has_tls && !has_names {
        return Err(unfit("must name the host as its certificate does"));
    }
    Ok(has_tls)
}

const CA_FILE: &str = "DATABASE_CA_FILE";

fn roots(environment: &Environment) -> Result<Option<Vec<u8>>, SettingError> {
    let read = |path| fs::read(path).map_err(|error| SettingError::new(CA_FILE, error));
    environment.get(CA_FILE).map(read).transpose()
}

fn with_tls(config: Config, roots: Option<&[u8]>) -> Result<Connector, SettingError> {
    Connector::with_tls(config, roots).map_err(|error| SettingError::new(CA_FILE, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connects(settings: &[(&str, &str)]) -> Result<bool, String> {
        let variables = settings.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let environment = Environment::of(&variables.collect());
        let sdk_config = SdkConfig::builder().build();
        database(&environment, &sdk_config)
            .map(|connector| connector.has_tls())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn tls_is_left_out_on_one_machine_only() {
        for (url, has_tls) in [
            ("postgres://ada@127.0.0.1/db", false),
            // The operating system's user, as in libpq.
            ("postgres://localhost/db", false),
            ("postgres://ada@[::1]/db?sslmode=disable", false),
            ("postgres://ada@localhost/db?sslmode=prefer", false),
            ("postgres://ada@%2Ftmp%2Fsockets/db", false),
            ("postgres://ada@127.0.0.1/db?sslmode=require", true),
            ("postgres://ada@db.example.com/db", true),
            ("postgres://ada@db.example.com/db?sslmode=prefer", true),
            ("postgres://ada@10.0.0.1/db?sslmode=require", true),
            ("postgres://ada@127.0.0.1/db?sslmode=verify-full", true),
            ("postgres://ada@localhost,db.example.com/db", true),
            ("host=localhost hostaddr=10.0.0.1 user=ada", true),
        ] {
            assert_eq!(connects(&[("DATABASE_URL", url)]), Ok(has_tls), "{url}");
        }
        for url in [
            "postgres://ada@db.example.com/db?sslmode=disable",
            "user=ada host=localhost,db sslmode=disable",
        ] {
            let error = connects(&[("DATABASE_URL", url)]).unwrap_err();
            assert!(error.starts_with("DATABASE_URL must not"), "{error}");
            let sam = [("DATABASE_URL", url), ("AWS_SAM_LOCAL", "true")];
            assert_eq!(connects(&sam), Ok(false), "a container reaches its host");
        }
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let url = ("DATABASE_URL", "postgres://ada@db.example.com/db");
        for (settings, name) in [
            (vec![], "DATABASE_URL"),
            (vec![("DATABASE_URL", "db.example.com")], "DATABASE_URL"),
            (vec![url, ("DATABASE_AUTH", "password")], "DATABASE_AUTH"),
            (vec![url, ("DATABASE_AUTH", "iam")], "AWS_REGION"),
            (
                vec![("DATABASE_URL", "postgres://ada@one,two/db"), ("DATABASE_AUTH", "iam")],
                "DATABASE_URL",
            ),
            (vec![("DATABASE_URL", "postgres://one/db"), ("DATABASE_AUTH", "iam")], "DATABASE_URL"),
            (vec![("DATABASE_URL", "postgres://ada@/db")], "DATABASE_URL"),
            (vec![("DATABASE_URL", "postgres://db.example.com/db")], "DATABASE_URL names no user"),
            (vec![("DATABASE_URL", "postgres://ada:p@ss@localhost/db")], "DATABASE_URL"),
            (vec![("DATABASE_URL", "postgres://ada@localhost:0/db")], "DATABASE_URL"),
            (vec![("DATABASE_URL", "user=ada host=a,b hostaddr=10.0.0.1")], "DATABASE_URL"),
            (vec![("DATABASE_URL", "user=ada host=localhost port=1,2")], "DATABASE_URL"),
            (vec![("DATABASE_URL", "user=ada hostaddr=10.0.0.1")], "DATABASE_URL"),
            (vec![("DATABASE_URL", "postgres://ada@%2Ftmp/db?sslmode=require")], "DATABASE_URL"),
            (vec![url, ("DATABASE_CA_FILE", "/nowhere/ca.pem")], "DATABASE_CA_FILE"),
            (vec![url, ("DATABASE_CA_FILE", "/dev/null")], "DATABASE_CA_FILE"),
            (
                vec![
                    ("DATABASE_URL", "postgres://a:b@db.example.com/db"),
                    ("DATABASE_AUTH", "iam"),
                ],
                "DATABASE_URL",
            ),
        ] {
            let error = connects(&settings).unwrap_err();
            assert!(error.starts_with(name), "{settings:?}: {error}");
        }
    }
}
