//! Serves pages and the API's documentation, and answers 404 for what no other function takes.
//!
//! The build makes the files, and each answer has the settings written into it. It does not use the crate
//! `shared`, which brings the database and the AWS SDK, so it starts as fast as the Lambda runtime.

mod written;

use std::future::ready;

use domain::locale::Locale;
use lambda_http::http::header;
use process::{Environment, SettingError};
use web::{App, Call, Door, Problem, Reply, Route, nothing_here};

use written::{OwnFile, Settings, tag};

/// A page in one language.
struct Page {
    name: &'static str,
    locale: Locale,
    text: &'static str,
}

/// A file whose name changes with its bytes.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The function: made once per instance, used by every request it serves.
pub struct SiteApp {
    door: Door,
    settings: Settings,
    /// What the settings make.
    files: [OwnFile; 2],
}

impl SiteApp {
    /// Reads the settings. A page is written when it is asked for, since an instance needs few of them.
    pub fn start(environment: &Environment) -> Result<Self, SettingError> {
        let door = Door::of(environment)?;
        let settings = Settings::of(environment, door.public_url())?;
        let files = [settings.style(), settings.icon()];
        Ok(Self { door, settings, files })
    }

    fn page(&self, call: &Call, name: &str) -> Result<Reply, Problem> {
        let chosen = call.query().optional_text("/lang").and_then(|tag| Locale::from_tag(&tag));
        let locale = chosen.unwrap_or_else(|| call.preferred_locale());
        let mut named = PAGES.iter().filter(|page| page.name == name);
        // The documentation is there in English only.
        let any = named.clone().next().ok_or_else(nothing_here)?;
        let page = named.find(|page| page.locale == locale).unwrap_or(any);
        let text = self.settings.written(page.text, page.locale, self.files.each_ref());
        let file = || Reply::file("text/html; charset=utf-8", &text);
        let reply = unless_known(call, &entity_tag(&text), file);
        Ok(reply
            .with(header::CONTENT_LANGUAGE, page.locale.as_str())
            .with(header::VARY, "Accept-Language"))
    }

    /// The contract, with the address of this service in its examples.
    fn contract(&self, call: &Call) -> Reply {
        let text = CONTRACT.replace("@PUBLIC_URL@", self.door.public_url().as_str());
        unless_known(call, &entity_tag(&text), || Reply::file("application/json", &text))
    }

    /// Password managers lead people there (W3C, A Well-Known URL for Changing Passwords).
    fn change_password(&self) -> Reply {
        Reply::see_other(&format!("{}/me#new-password", self.door.public_url().as_str()))
    }

    fn asset(&self, call: &Call) -> Result<Reply, Problem> {
        let ours = ASSETS.iter().map(|asset| (asset.name, asset.media_type, asset.text));
        let made = self.files.iter().map(|file| (&*file.name, file.media_type, &*file.text));
        let asset = ours.chain(made).find(|(name, _, _)| *name == call.file());
        let (_, media_type, text) = asset.ok_or_else(nothing_here)?;
        // The name changes with the bytes, so a browser may keep the file.
        let kept = "public, max-age=31536000, immutable";
        Ok(Reply::file(media_type, text).with(header::CACHE_CONTROL, kept))
    }
}

fn entity_tag(text: &str) -> String {
    format!("\"{}\"", tag(text))
}

/// A file, unless the browser has this version already (RFC 9110 §13.1.2).
fn unless_known(call: &Call, tag: &str, file: impl FnOnce() -> Reply) -> Reply {
    let mut known = call.header("if-none-match").into_iter().flat_map(|list| list.split(','));
    let is_known = known.any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    });
    let reply = if is_known { Reply::not_modified() } else { file() };
    reply.with(header::CACHE_CONTROL, "no-cache").with(header::ETAG, tag)
}

impl App for SiteApp {
    const ROUTES: &'static [Route<Self>] = &[
        Route::<Self>::get("/", |app, call| Box::pin(ready(app.page(call, "sign-up")))),
        Route::<Self>::get("/activate", |app, call| Box::pin(ready(app.page(call, "activate")))),
        Route::<Self>::get("/login", |app, call| Box::pin(ready(app.page(call, "login")))),
        Route::<Self>::get("/me", |app, call| Box::pin(ready(app.page(call, "me")))),
        Route::<Self>::get("/not-me", |app, call| Box::pin(ready(app.page(call, "not-me")))),
        Route::<Self>::get("/password", |app, call| Box::pin(ready(app.page(call, "password")))),
        Route::<Self>::get("/docs", |app, call| Box::pin(ready(app.page(call, "docs")))),
        Route::<Self>::get("/docs/problems", |app, call| {
            Box::pin(ready(app.page(call, "problems")))
        }),
        Route::<Self>::get("/openapi.json", |app, call| Box::pin(ready(Ok(app.contract(call))))),
        Route::<Self>::get("/.well-known/change-password", |app, _| {
            Box::pin(ready(Ok(app.change_password())))
        }),
        Route::<Self>::get("/assets/{file}", |app, call| Box::pin(ready(app.asset(call)))),
    ];

    const HEADERS: &'static [(&'static str, &'static str)] = &[
        // Nothing but our own files, no inline code or style, no frame around us. The viewer of the
        // documentation needs pictures that are in its style sheet.
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        // Not `includeSubDomains`: at the apex of a domain it would bind every other host.
        ("strict-transport-security", "max-age=63072000"),
        ("referrer-policy", "no-referrer"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];

    fn door(&self) -> &Door {
        &self.door
    }
}
