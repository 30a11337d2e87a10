//! Where people and browsers find the service: `PUBLIC_URL`.

use std::net::IpAddr;

use domain::idn;
use process::{Environment, SettingError};
use url::{Host, Url};

/// Scheme, host, port and path, without a slash at the end.
#[derive(Debug, Clone)]
pub struct PublicUrl {
    text: String,
    origin: String,
    host: String,
}

const NAME: &str = "PUBLIC_URL";

impl PublicUrl {
    /// Reads the setting. A mailed link must not travel in the clear.
    pub fn of(environment: &Environment) -> Result<Self, SettingError> {
        let url = link(environment, NAME, environment.required(NAME)?)?;
        if url.query().is_some() || url.fragment().is_some() {
            let reason = "must have no query and no fragment: links are made by adding to it";
            return Err(SettingError::new(NAME, reason));
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        let host = url.host_str().unwrap_or_default().to_owned();
        Ok(Self { text, origin: url.origin().ascii_serialization(), host })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The origin, as browsers write it (RFC 6454 §6.2).
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host as people write it, without port.
    pub fn shown_host(&self) -> String {
        idn::shown(&self.host)
    }

    /// The path without slashes around it, empty for the root.
    pub(crate) fn base_path(&self) -> &str {
        self.text.strip_prefix(self.origin.as_str()).unwrap_or_default().trim_start_matches('/')
    }
}

/// The URL in a setting that people's browsers will open. Only loopback may use `http`, and under
/// `cargo dev` other addresses, for a phone in the same network.
pub(crate) fn link(
    environment: &Environment,
    name: &'static str,
    text: &str,
) -> Result<Url, SettingError> {
    let wrong = |reason: &str| SettingError::new(name, reason);
    let url = Url::parse(text).map_err(|_| wrong("must be a URL like https://www.example.com"))?;
    match url.scheme() {
        "https" => {}
        "http" if url.host().is_some_and(|host| is_loopback(&host)) => {}
        "http" if environment.is_under_cargo_dev() => {}
        "http" => return Err(wrong("must begin with https://, or name this machine")),
        _ => return Err(wrong("must begin with https://")),
    }
    if !has_reachable_host(&url) || text.contains(char::is_control) {
        return Err(wrong("must name one host, at a port that browsers can reach"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must hold no user name and no password"));
    }
    Ok(url)
}

/// Whether host and port can exist. The URL standard allows hosts such as `*.example` and `a,b`.
pub(crate) fn has_reachable_host(url: &Url) -> bool {
    let is_label = |label: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len()) && label.chars().all(fits) && !label.starts_with('-')
    };
    let is_host = match url.host() {
        Some(Host::Domain(name)) => name.split('.').all(is_label),
        host => host.is_some(),
    };
    is_host && url.port() != Some(0)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => IpAddr::from(*ip).is_loopback(),
        Host::Ipv6(ip) => IpAddr::from(*ip).is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PublicUrl, String> {
        let environment = Environment::of(&[(NAME.to_owned(), text.to_owned())].into());
        PublicUrl::of(&environment).map_err(|error| error.to_string())
    }

    #[test]
    fn it_has_an_origin_and_maybe_a_path() {
        for (text, whole, origin, path) in [
            ("https://a.example", "https://a.example", "https://a.example", ""),
            ("https://A.example:443/", "https://a.example", "https://a.example", ""),
            ("https://a.example/dev/", "https://a.example/dev", "https://a.example", "dev"),
            (
                "https://a.example:8443/v1",
                "https://a.example:8443/v1",
                "https://a.example:8443",
                "v1",
            ),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000", "http://127.0.0.1:9000", ""),
            ("http://[::1]:9000", "http://[::1]:9000", "http://[::1]:9000", ""),
            ("http://localhost", "http://localhost", "http://localhost", ""),
        ] {
            let url = read(text).unwrap();
            assert_eq!((url.as_str(), url.origin(), url.base_path()), (whole, origin, path));
        }
    }

    #[test]
    fn http_off_this_machine_is_for_cargo_dev_alone() {
        let lan =
            || Environment::of(&[(NAME.to_owned(), "http://192.168.1.7:9000".to_owned())].into());
        let marked = || lan().with("UNDER_CARGO_DEV", "true");
        assert!(PublicUrl::of(&lan()).is_err());
        assert_eq!(PublicUrl::of(&marked()).unwrap().origin(), "http://192.168.1.7:9000");
        assert!(PublicUrl::of(&lan().with("UNDER_CARGO_DEV", "1")).is_err());
        for (name, value) in
            [("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"), ("LAMBDA_TASK_ROOT", "/var/task")]
        {
            assert!(PublicUrl::of(&marked().with(name, value)).is_err(), "in Lambda: {name}");
        }
    }

    #[test]
    fn what_would_break_a_link_is_refused() {
        for text in [
            "",
            "a.example",
            "//a.example",
            "ftp://a.example",
            "mailto:ada@a.example",
            "http://a.example",
            "http://localhost.a.example",
            "http://10.0.0.1",
            "https://a.example/#/app",
            "https://a.example?x=1",
            "https://a.example/?",
            "https://a.example#",
            "https://ada@a.example",
            "https://ada:key@a.example",
            "https://",
            "https://*.a.example",
            "https://${DOMAIN}",
            "https://.a.example",
            "https://a..example",
            "https://-a.example",
            "https://a.example,https://b.example",
            "https://a.example:0",
            "https://a.exa\nmple",
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(NAME), "{text}: {error}");
        }
    }
}
