//! A successful response: status, headers, body.

use chrono::{DateTime, SecondsFormat, Utc};
use lambda_http::http::{HeaderName, StatusCode, header};
use serde::{Serialize, Serializer};

pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: String,
}

impl Reply {
    /// 200 with this body as JSON.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// 202 with this body as JSON.
    pub fn accepted(body: &impl Serialize) -> Self {
        Self::json(StatusCode::ACCEPTED, body)
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: Vec::new(), body: String::new() }
    }

    /// 304: the browser's copy is current.
    pub fn not_modified() -> Self {
        Self { status: StatusCode::NOT_MODIFIED, ..Self::no_content() }
    }

    /// 308 to another URL.
    pub(crate) fn moved(url: &str) -> Self {
        let headers = vec![(header::LOCATION, url.to_owned())];
        Self { status: StatusCode::PERMANENT_REDIRECT, headers, body: String::new() }
    }

    /// 303 to another URL.
    pub fn see_other(url: &str) -> Self {
        Self { status: StatusCode::SEE_OTHER, ..Self::moved(url) }
    }

    /// 200 with a file.
    pub fn file(media_type: &str, text: &str) -> Self {
        let headers = vec![(header::CONTENT_TYPE, media_type.to_owned())];
        Self { status: StatusCode::OK, headers, body: text.to_owned() }
    }

    fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("our answers have string keys only");
        let headers = vec![(header::CONTENT_TYPE, "application/json".to_owned())];
        Self { status, headers, body }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A time in a response: RFC 3339 in UTC, with milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Timestamp(pub DateTime<Utc>);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}
