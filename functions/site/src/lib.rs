//! Serves pages and the API's documentation, and answers 404 for every unknown path.
//!
//! Everything is made when it is built. It knows neither the database nor the AWS SDK, nor the
//! crate `shared`, which brings both: it starts in the time that the Lambda runtime needs.

mod answers;
mod request;

use lambda_http::{Body, Request, Response};
use words::Locale;

use answers::{file, not_found, not_modified, wrong_method};
use request::Visit;

/// A page in one language.
struct Page {
    path: &'static str,
    locale: Locale,
    tag: &'static str,
    text: &'static str,
}

/// A file whose name changes with its bytes.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// What the pages tell people about the rules. The functions that judge have the same settings.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    code_length: u32,
    code_lifetime: u32,
    password_min_length: u32,
}

/// The function: made once per instance, used by every request it serves.
pub struct Site {
    pages: Vec<(&'static Page, String, String)>,
}

impl Settings {
    /// Reads them, with the defaults of the functions that judge.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let number = |name, default: u32, allowed: std::ops::RangeInclusive<u32>| {
            let Some(text) = variable(name) else { return Ok(default) };
            let value = text.parse().ok().filter(|value| allowed.contains(value));
            value.ok_or(format!(
                "{name} must be a number from {} to {}",
                allowed.start(),
                allowed.end()
            ))
        };
        Ok(Self {
            code_length: number("CODE_LENGTH", 4, 4..=8)?,
            code_lifetime: number("CODE_LIFETIME_SECONDS", 60, 1..=86_400)?,
            password_min_length: number("PASSWORD_MIN_LENGTH", 8, 1..=256)?,
        })
    }
}

impl Site {
    /// Writes the settings into the pages.
    pub fn new(settings: &Settings) -> Self {
        let Settings { code_length, code_lifetime, password_min_length } = settings;
        let pages = PAGES.iter().map(|page| {
            let text = page
                .text
                .replace("@CODE_LENGTH@", &code_length.to_string())
                .replace("@WITHIN@", &(page.locale.texts().within)(*code_lifetime))
                .replace("@PASSWORD_MIN_LENGTH@", &password_min_length.to_string());
            let tag = &page.tag;
            let tag = format!("\"{tag}-{code_length}-{code_lifetime}-{password_min_length}\"");
            (page, text, tag)
        });
        Self { pages: pages.collect() }
    }

    /// Answers one request. Never fails.
    pub fn answer(&self, request: &Request) -> Response<Body> {
        let visit = Visit::of(request);
        let Some(found) = self.find(&visit) else { return not_found(&visit) };
        if !matches!(visit.method, "GET" | "HEAD") {
            return wrong_method(&visit);
        }
        if found.tag.as_deref().is_some_and(|tag| visit.has(tag)) {
            return not_modified(&found);
        }
        file(&found, visit.method == "HEAD")
    }

    fn find(&self, visit: &Visit<'_>) -> Option<Found<'_>> {
        if let Some(name) = visit.path.strip_prefix("/assets/") {
            let asset = ASSETS.iter().find(|asset| asset.name == name)?;
            return Some(Found {
                text: asset.text,
                media_type: asset.media_type,
                tag: None,
                language: None,
            });
        }
        if visit.path == "/openapi.json" {
            let (text, tag) = CONTRACT;
            let tag = Some(format!("\"{tag}\""));
            return Some(Found { text, media_type: "application/json", tag, language: None });
        }
        let mut here = self.pages.iter().filter(|(page, ..)| page.path == visit.path);
        // The documentation is there in English only.
        let any = here.clone().next()?;
        let (page, text, tag) = here.find(|(page, ..)| page.locale == visit.locale).unwrap_or(any);
        Some(Found {
            text,
            media_type: "text/html; charset=utf-8",
            tag: Some(tag.clone()),
            language: Some(page.locale.as_str()),
        })
    }
}

/// What a path leads to.
struct Found<'a> {
    text: &'a str,
    media_type: &'static str,
    /// Its entity tag. Assets need none: their names are theirs for ever.
    tag: Option<String>,
    /// Of a page.
    language: Option<&'static str>,
}
