//! What all our emails share: whose they are, where to get help, and where their links lead.

use std::path::Path;

use uuid::Uuid;

use domain::{email::Email, locale::Locale, token::Token};
use web::{PublicUrl, brand::Brand};

/// What all our emails share.
#[derive(Debug, Clone)]
pub struct Letterhead {
    pub brand: Brand,
    pub public_url: PublicUrl,
}

/// Where to get help, and how an email names that place.
pub(super) struct Help<'a> {
    pub(super) url: &'a str,
    pub(super) shown: &'a str,
}

impl<'a> Help<'a> {
    /// A URL as it is: mail programs make a link of it. An address without its scheme, as people write it.
    pub(super) fn in_text(&self) -> &'a str {
        if self.url.starts_with("mailto:") { self.shown } else { self.url }
    }
}

impl Letterhead {
    /// The logo, if mail programs show it: they block `data:`, and most do not draw SVG.
    pub(super) fn logo(&self) -> Option<&str> {
        let url = self.brand.logo_url.as_deref().filter(|url| url.starts_with("http"))?;
        let path = Path::new(url.split(['?', '#']).next().unwrap_or(url));
        let is_svg = path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("svg"));
        (!is_svg).then_some(url)
    }

    /// The last line of every email: the site, and the host that our links lead to.
    pub(super) fn signature(&self) -> String {
        let (name, host) = (&self.brand.site_name, self.public_url.shown_host());
        if *name == host { host } else { format!("{name} · {host}") }
    }

    pub(super) fn help(&self) -> Option<Help<'_>> {
        let url = self.brand.support_url.as_deref()?;
        let (_, place) = url.strip_prefix("mailto:").map(|to| ("", to)).or(url.split_once("://"))?;
        let shown = place.split(['?', '#']).next().unwrap_or(place).trim_end_matches('/');
        Some(Help { url, shown })
    }

    /// The page only shows a form and never activates by itself, because mail scanners follow links.
    /// The id is in the fragment, which browsers do not send, so that no server logs it. So is the address:
    /// the recipient need not type it again while the minute passes.
    pub(super) fn activate(&self, locale: Locale, registration: Uuid, to: &Email) -> String {
        let address = percent_encoded(to.as_str());
        self.page("/activate", &format!("registration={registration}&email={address}&"), locale)
    }

    pub(super) fn not_me(&self, locale: Locale, token: &Token) -> String {
        self.page("/not-me", &format!("token={}&", token.expose()), locale)
    }

    /// The first page.
    pub(super) fn home(&self, locale: Locale) -> String {
        self.page("/", "", locale)
    }

    /// The page that asks for address and password.
    pub(super) fn sign_in(&self, locale: Locale) -> String {
        self.page("/login", "", locale)
    }

    /// The page that requests a link to a new password.
    pub(super) fn password(&self, locale: Locale) -> String {
        self.page("/password", "", locale)
    }

    /// The same page with the token of such a link: it asks for the new password. Password managers
    /// save it under the address.
    pub(super) fn new_password(&self, locale: Locale, token: &Token, to: &Email) -> String {
        let address = percent_encoded(to.as_str());
        self.page("/password", &format!("token={}&email={address}&", token.expose()), locale)
    }

    /// A page in the language of the email. Everything that follows is in the fragment.
    fn page(&self, path: &str, fragment: &str, locale: Locale) -> String {
        format!("{}{path}#{fragment}lang={}", self.public_url.as_str(), locale.as_str())
    }
}

/// All but the unreserved characters (RFC 3986 §2.3) as percent signs and digits.
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
#[path = "brand_tests.rs"]
mod tests;
