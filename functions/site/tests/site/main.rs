//! The responses of `site` to browsers, with and without JavaScript, and to gateways.

mod contract;
mod pages;
mod paths;
mod settings;

use std::collections::BTreeSet;

use lambda_http::{Body, Response};
use serde_json::Value;
use shared::{
    process::{Environment, SettingError},
    testing::{Event, Payload},
};
use site::SiteApp;

pub(crate) const PAGES: [&str; 8] =
    ["/", "/activate", "/login", "/me", "/not-me", "/password", "/docs", "/docs/problems"];

pub(crate) const BOTH: [Payload; 2] = [Payload::Rest, Payload::Http];

pub(crate) fn site() -> SiteApp {
    site_with(&[]).expect("the defaults are right")
}

pub(crate) fn site_with(settings: &[(&str, &str)]) -> Result<SiteApp, SettingError> {
    let settings = [("PUBLIC_URL", "https://registration.example")].iter().chain(settings);
    let settings = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    SiteApp::start(&Environment::of(&settings.collect()))
}

pub(crate) fn get(path: &str) -> Event {
    Event::new("GET", path)
}

pub(crate) fn header<'a>(answer: &'a Response<Body>, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().expect("text"))
}

pub(crate) fn text(answer: &Response<Body>) -> &str {
    match answer.body() {
        Body::Text(text) => text,
        _ => "",
    }
}

pub(crate) fn french_event() -> Event {
    get("/").header("accept-language", "fr")
}

/// The paths of assets in a text.
pub(crate) fn assets_in(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let names = text
        .split("assets/")
        .skip(1)
        .map(|after| after.chars().take_while(|c| is_name(*c)).collect::<String>());
    names.filter(|name| !name.is_empty()).map(|name| format!("/assets/{name}")).collect()
}

pub(crate) fn is_problem(answer: &Response<Body>, code: &str) {
    let body: Value = serde_json::from_str(text(answer)).expect("JSON");
    assert_eq!(header(answer, "content-type"), Some("application/problem+json"));
    assert_eq!(header(answer, "cache-control"), Some("no-store"));
    assert_eq!(header(answer, "x-content-type-options"), Some("nosniff"));
    assert_eq!(header(answer, "x-request-id"), body["request_id"].as_str());
    assert!(body["request_id"].as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!((&body["status"], &body["code"]), (&answer.status().as_u16().into(), &code.into()));
    for member in ["type", "title", "detail"] {
        assert!(body[member].is_string(), "{member}");
    }
}
