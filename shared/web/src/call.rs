//! A request as the handlers see it.

use domain::{
    credentials::{Credentials, InvalidCredentials},
    locale::Locale,
    network::{Network, TrustedCallers, caller_network},
};
use secrecy::SecretString;
use url::form_urlencoded;
use uuid::Uuid;

use crate::{Fields, Kind, Problem, event::Request, session::SESSION_COOKIE};

/// More than any request of ours needs.
const MAX_BODY_BYTES: usize = 8 * 1024;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The token of a session, as it came along.
pub struct Bearer {
    /// The token.
    pub token: SecretString,
    /// It stood in the cookie, so a browser may have sent it by itself.
    pub is_cookie: bool,
}

/// A request that the front door has let through.
pub struct Call {
    request: Request,
    /// What stands in the braces of the route's path.
    pub(crate) parameter: String,
    /// The network that its limits count for.
    pub network: Network,
    /// The id under which this request stands in the log.
    pub request_id: String,
}

impl Call {
    pub(crate) fn of(request: Request, request_id: &str, trusted: &TrustedCallers) -> Self {
        let end_user = request.header("x-end-user-address");
        let network = caller_network(request.source_ip, end_user, trusted);
        Self { request, parameter: String::new(), network, request_id: request_id.to_owned() }
    }

    /// The path without a stage.
    pub fn path(&self) -> &str {
        &self.request.path
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.request.method
    }

    /// Whether the method is safe (RFC 9110 §9.2.1).
    pub(crate) fn is_safe(&self) -> bool {
        matches!(self.method(), "GET" | "HEAD")
    }

    /// The id in the path.
    pub fn id(&self) -> Uuid {
        crate::id(&self.parameter).expect("the route's path takes nothing else")
    }

    /// The file in the path.
    pub fn file(&self) -> &str {
        &self.parameter
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// Every value of a header.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.request.headers_named(name)
    }

    /// The parameters of the query.
    pub fn query(&self) -> Fields {
        Fields::of_pairs(self.request.query.iter().map(|(name, value)| (name, value)))
    }

    /// Refuses a body that is too large.
    pub(crate) fn expect_size(&self) -> Result<(), Problem> {
        if self.request.body.len() <= MAX_BODY_BYTES {
            return Ok(());
        }
        let detail = format!("Send at most {MAX_BODY_BYTES} bytes.");
        Err(Problem::new(Kind::PayloadTooLarge, detail))
    }

    pub(crate) fn is_json(&self) -> bool {
        self.media_type().eq_ignore_ascii_case(JSON)
    }

    pub(crate) fn is_form(&self) -> bool {
        self.media_type().eq_ignore_ascii_case(FORM)
    }

    /// Neither a body nor a media type.
    pub(crate) fn has_no_body(&self) -> bool {
        self.request.body.is_empty() && self.media_type().is_empty()
    }

    /// The members of the JSON body; none, if the route lets a caller leave it out.
    pub fn fields(&self) -> Result<Fields, Problem> {
        if self.has_no_body() {
            return Ok(Fields::none());
        }
        match serde_json::from_slice(&self.request.body) {
            Ok(value) => Fields::of(value),
            // Line and column only: the parser's own words may quote what was sent.
            Err(error) => Err(Problem::new(
                Kind::MalformedJson,
                format!(
                    "The body cannot be read as JSON: see line {}, column {}.",
                    error.line(),
                    error.column()
                ),
            )),
        }
    }

    /// The fields of a form, if that is what was sent. One that was left empty is absent.
    pub fn form(&self) -> Option<Fields> {
        let filled =
            form_urlencoded::parse(&self.request.body).filter(|(_, value)| !value.is_empty());
        self.is_form().then(|| Fields::of_pairs(filled))
    }

    /// The session that the request relies on: the header decides when there is one.
    pub fn bearer(&self) -> Option<Bearer> {
        if let Some(value) = self.header("authorization") {
            let (scheme, token) = value.split_once(' ')?;
            let token = scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().into())?;
            return Some(Bearer { token, is_cookie: false });
        }
        // A browser may send several lines (RFC 9113 §8.2.3), with cookies of the whole site.
        let cookies = self.headers("cookie").flat_map(|line| line.split(';'));
        let mut named = cookies.filter_map(|cookie| cookie.trim().split_once('='));
        let (_, token) = named.find(|(name, _)| *name == SESSION_COOKIE)?;
        Some(Bearer { token: token.into(), is_cookie: true })
    }

    /// Whether a browser may have sent its proof by itself.
    pub(crate) fn relies_on_cookie(&self) -> bool {
        self.bearer().is_some_and(|bearer| bearer.is_cookie)
    }

    /// The address and the password of HTTP Basic.
    pub fn credentials(&self) -> Result<Credentials, Problem> {
        let value = self.header("authorization").ok_or_else(Problem::invalid_credentials)?;
        Credentials::from_basic(value.as_bytes()).map_err(|error| match error {
            InvalidCredentials::NotUtf8 => Problem::new(
                Kind::InvalidCredentials,
                "Encode the address and the password as UTF-8 before Base64 (RFC 7617 §2.1): \
                 these bytes are not UTF-8.",
            ),
            InvalidCredentials::Unreadable => Problem::invalid_credentials(),
        })
    }

    /// The language that the browser prefers.
    pub fn preferred_locale(&self) -> Locale {
        self.header("accept-language").map(Locale::from_accept_language).unwrap_or_default()
    }

    fn media_type(&self) -> &str {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }
}
