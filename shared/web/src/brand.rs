//! Whose site it is, as people see it on pages and in emails: `SITE_NAME`, `LOGO_URL`,
//! `ACCENT_COLOR`, `SUPPORT_URL`, and `HOME_URL` for pages alone.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{accent::Accent, email::Email};
use process::{Environment, SettingError};
use url::Url;

use crate::{PublicUrl, public_url::link};

/// The site as people see it.
#[derive(Debug, Clone)]
pub struct Brand {
    pub site_name: String,
    /// An absolute URL of our own origin, or the image itself as `data:`.
    pub logo_url: Option<String>,
    pub accent: Accent,
    /// A page, or `mailto:` and an address.
    pub support_url: Option<String>,
}

/// The maximum length of a name, in characters: it fits one line on a phone.
const MAX_NAME_CHARACTERS: usize = 60;

/// The most that a logo may have, in bytes. Lambda allows 4 KB for all variables together.
const MAX_LOGO_BYTES: usize = 2048;

const LOGO: &str = "LOGO_URL";

impl Brand {
    pub fn of(environment: &Environment, public_url: &PublicUrl) -> Result<Self, SettingError> {
        Ok(Self {
            site_name: site_name(environment, public_url)?,
            logo_url: environment.get(LOGO).map(|text| logo(text, public_url)).transpose()?,
            accent: environment.parsed("ACCENT_COLOR")?,
            support_url: support_url(environment)?,
        })
    }
}

/// Where people go on to once their account is active: `HOME_URL`.
pub fn home_url(environment: &Environment) -> Result<Option<String>, SettingError> {
    let name = "HOME_URL";
    environment.get(name).map(|text| Ok(link(environment, name, text)?.into())).transpose()
}

fn site_name(environment: &Environment, public_url: &PublicUrl) -> Result<String, SettingError> {
    let name = "SITE_NAME";
    let Some(text) = environment.get(name) else { return Ok(public_url.shown_host()) };
    if text.contains(char::is_control) || text.chars().count() > MAX_NAME_CHARACTERS {
        let reason = format!("must be one line of at most {MAX_NAME_CHARACTERS} characters");
        return Err(SettingError::new(name, reason));
    }
    Ok(text.to_owned())
}

/// Pages load nothing from elsewhere, so a logo is our own, or in the page.
fn logo(text: &str, public_url: &PublicUrl) -> Result<String, SettingError> {
    let wrong = |reason: &str| SettingError::new(LOGO, reason);
    if text.len() > MAX_LOGO_BYTES {
        return Err(wrong("must have at most 2048 bytes"));
    }
    if let Some(image) = text.strip_prefix("data:image/") {
        let is_image = is_image(image);
        return is_image.then(|| text.to_owned()).ok_or_else(|| {
            wrong("must be an image as data:image/svg+xml;base64,… (or png, webp, jpeg, gif)")
        });
    }
    // `//host` and `/\host` would lead elsewhere, and browsers remove control characters.
    let is_path = text.starts_with('/') && !text[1..].starts_with(['/', '\\']);
    if !text.contains(char::is_control) && (is_path || text.starts_with("http")) {
        let base = Url::parse(public_url.origin()).ok();
        let url = Url::options().base_url(base.as_ref()).parse(text).ok();
        let is_plain = |url: &Url| url.username().is_empty() && url.password().is_none();
        let ours = url
            .filter(is_plain)
            .filter(|url| url.origin().ascii_serialization() == public_url.origin());
        return ours.map(Into::into).ok_or_else(|| {
            wrong("must be a URL of the origin of PUBLIC_URL: pages load nothing from elsewhere")
        });
    }
    Err(wrong("must be a path like /logo.svg, a URL, or an image as data:image/…;base64,…"))
}

/// The rest of a `data:` URL: the kind of an image, and its bytes.
fn is_image(text: &str) -> bool {
    text.split_once(";base64,").is_some_and(|(kind, bytes)| {
        ["png", "svg+xml", "webp", "jpeg", "gif"].contains(&kind)
            && STANDARD.decode(bytes).is_ok_and(|bytes| !bytes.is_empty())
    })
}

fn support_url(environment: &Environment) -> Result<Option<String>, SettingError> {
    let name = "SUPPORT_URL";
    let read = |text: &str| match text.strip_prefix("mailto:") {
        None => Ok(link(environment, name, text)?.into()),
        Some(address) => address_alone(address)
            .map(|email| format!("mailto:{}", email.as_str()))
            .ok_or_else(|| SettingError::new(name, "must have one address after mailto:")),
    };
    environment.get(name).map(read).transpose()
}

/// An address without signs that mean something in a URL (RFC 6068 §2).
fn address_alone(text: &str) -> Option<Email> {
    Email::parse(text).ok().filter(|_| !text.contains(['?', '&', '#', '%', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(settings: &[(&str, &str)]) -> Environment {
        let settings = [("PUBLIC_URL", "https://example.com:8443/accounts")].iter().chain(settings);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Environment::of(&settings.map(owned).collect())
    }

    fn read(name: &str, value: &str) -> Result<Brand, String> {
        let environment = environment(&[(name, value)]);
        let public_url = PublicUrl::of(&environment).unwrap();
        Brand::of(&environment, &public_url).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(name: &str, value: &str) {
        let error = read(name, value).unwrap_err();
        assert!(error.starts_with(name) && error.lines().count() == 1, "{value}: {error}");
    }

    #[test]
    fn without_settings_a_site_is_named_by_its_host() {
        let Brand { site_name, logo_url, accent, support_url } = read("SITE_NAME", " ").unwrap();
        assert_eq!((site_name.as_str(), logo_url, support_url), ("example.com", None, None));
        assert_eq!(accent.light.fill.to_string(), "#3d4fd6");
    }

    #[test]
    fn a_name_is_one_short_line() {
        for name in ["Example", "Ñandú & Söhne <TV>", &"é".repeat(60)] {
            assert_eq!(read("SITE_NAME", &format!(" {name} ")).unwrap().site_name, name);
        }
        refused("SITE_NAME", &"e".repeat(61));
        refused("SITE_NAME", "Exa\nmple");
        refused("SITE_NAME", "Exa\u{85}mple");
    }

    #[test]
    fn a_logo_is_our_own() {
        for (logo, absolute) in [
            ("/logo.svg", "https://example.com:8443/logo.svg"),
            ("/a/logo.png?v=2", "https://example.com:8443/a/logo.png?v=2"),
            ("https://example.com:8443/logo.svg", "https://example.com:8443/logo.svg"),
            ("data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo="),
            ("data:image/svg+xml;base64,PHN2Zy8+", "data:image/svg+xml;base64,PHN2Zy8+"),
        ] {
            assert_eq!(read("LOGO_URL", logo).unwrap().logo_url.as_deref(), Some(absolute));
        }
        for logo in [
            "logo.svg",
            "//cdn.example/logo.svg",
            "/\\cdn.example/logo.svg",
            "/\t/cdn.example/logo.svg",
            "https://cdn.example/logo.svg",
            "https://example.com/logo.svg",
            "http://example.com:8443/logo.svg",
            "https://a:b@example.com:8443/logo.svg",
            "httpx:/logo.svg",
            "javascript:alert(1)",
            "data:text/html;base64,PHN2Zy8+",
            "data:image/svg+xml,<svg/>",
            "data:image/svg+xml;charset=utf-8;base64,PHN2Zy8+",
            "data:image/bmp;base64,PHN2Zy8+",
            "data:image/png;base64,",
            "data:image/png;base64,iVBOR w0KGgo=",
            "data:image/png;base64,iVBORw0KGgo=\"><script>",
        ] {
            refused("LOGO_URL", logo);
        }
        refused("LOGO_URL", &format!("data:image/png;base64,{}", "AAAA".repeat(507)));
        assert!(read("LOGO_URL", &format!("data:image/png;base64,{}", "AAAA".repeat(506))).is_ok());
    }

    #[test]
    fn help_is_a_page_or_an_address() {
        for (typed, url) in [
            ("https://example.com/help?from=email", "https://example.com/help?from=email"),
            ("http://127.0.0.1:8080/help", "http://127.0.0.1:8080/help"),
            ("mailto:Help@Example.com", "mailto:help@example.com"),
        ] {
            assert_eq!(read("SUPPORT_URL", typed).unwrap().support_url.as_deref(), Some(url));
        }
        for url in [
            "help.example.com",
            "http://example.com/help",
            "mailto:",
            "mailto:help",
            "mailto:help@example.com?subject=Hello",
            "mailto:?to=help@example.com",
            "mailto:help%0a@example.com",
            "mailto:a@example.com,b@example.com",
            "tel:+15550100",
            "javascript:alert(1)",
        ] {
            refused("SUPPORT_URL", url);
        }
    }

    #[test]
    fn the_accent_must_be_seen() {
        assert_eq!(
            read("ACCENT_COLOR", "#B3211F").unwrap().accent.light.fill.to_string(),
            "#b3211f"
        );
        for color in ["#ffd400", "red", "#fff", "url(x)"] {
            refused("ACCENT_COLOR", color);
        }
    }

    #[test]
    fn home_is_a_page() {
        let home = |url: &str| home_url(&environment(&[("HOME_URL", url)]));
        assert_eq!(home("").unwrap(), None);
        assert_eq!(
            home("https://example.com/start#x").unwrap().unwrap(),
            "https://example.com/start#x"
        );
        for url in ["/start", "http://example.com", "mailto:a@example.com", "javascript:alert(1)"] {
            assert!(
                home(url).is_err_and(|error| error.to_string().starts_with("HOME_URL")),
                "{url}"
            );
        }
    }
}
