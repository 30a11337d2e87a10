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

/// The token of a session, as the request carried it.
pub struct Bearer {
    pub token: SecretString,
    /// It came in the cookie, so a browser may have sent it without the person's intent.
    pub is_from_cookie: bool,
}

/// A request, as handlers see it.
pub struct Call {
    request: Request,
    /// The value for the braces in the route's path.
    pub(crate) parameter: String,
    /// The caller's network, by which limits count.
    pub network: Network,
    /// The id of this request in the log.
    pub request_id: String,
}

impl Call {
    pub(crate) fn of(request: Request, request_id: &str, trusted: &TrustedCallers) -> Self {
        let end_user = request.header("x-end-user-address");
        let network = caller_network(request.source_ip, end_user, trusted);
        Self { request, parameter: String::new(), network, request_id: request_id.to_owned() }
    }

    pub(crate) fn path(&self) -> &str {
        &self.request.path
    }

    pub(crate) fn stage(&self) -> &str {
        &self.request.stage
    }

    pub fn method(&self) -> &str {
        &self.request.method
    }

    /// Whether the method is safe (RFC 9110 §9.2.1).
    pub(crate) fn is_safe(&self) -> bool {
        matches!(self.method(), "GET" | "HEAD")
    }

    /// The value of `{id}` in the path.
    pub fn id(&self) -> Uuid {
        crate::id(&self.parameter).expect("the route's path takes nothing else")
    }

    /// The value of `{file}` in the path.
    pub fn file(&self) -> &str {
        &self.parameter
    }

    /// Whether a browser wants to show the answer to a person. Scripts and programs accept anything.
    pub(crate) fn wants_page(&self) -> bool {
        self.is_safe() && self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    /// A header; several values are joined by commas. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    pub fn query(&self) -> Fields {
        Fields::of_pairs(self.request.query.iter().map(|(name, value)| (name, value)))
    }

    /// The query with its question mark, empty without one.
    pub(crate) fn query_text(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        let text = text.extend_pairs(&self.request.query).finish();
        if text.is_empty() { text } else { format!("?{text}") }
    }

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

    pub(crate) fn has_no_body(&self) -> bool {
        self.request.body.is_empty()
    }

    /// The members of the JSON body, or of none if the route lets a caller omit it.
    pub fn optional_fields(&self) -> Result<Fields, Problem> {
        if self.has_no_body() { Ok(Fields::none()) } else { self.fields() }
    }

    /// The members of the JSON body.
    pub fn fields(&self) -> Result<Fields, Problem> {
        match serde_json::from_slice(&self.request.body) {
            Ok(value) => Fields::of(value),
            // Line and column only: the parser's message may quote the body.
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

    /// The fields of the body if it is a form. An empty field counts as absent.
    pub fn form(&self) -> Option<Fields> {
        let filled =
            form_urlencoded::parse(&self.request.body).filter(|(_, value)| !value.is_empty());
        self.is_form().then(|| Fields::of_pairs(filled))
    }

    /// The session token: from the `Authorization` header if there is one, else from the cookie.
    pub fn bearer(&self) -> Option<Bearer> {
        if let Some(value) = self.header("authorization") {
            let (scheme, token) = value.split_once(' ')?;
            let token = scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().into())?;
            return Some(Bearer { token, is_from_cookie: false });
        }
        let mut named =
            self.header("cookie")?.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        let (_, token) = named.find(|(name, _)| *name == SESSION_COOKIE)?;
        Some(Bearer { token: token.into(), is_from_cookie: true })
    }

    /// Whether the session token came in the cookie.
    pub(crate) fn relies_on_cookie(&self) -> bool {
        self.bearer().is_some_and(|bearer| bearer.is_from_cookie)
    }

    /// The credentials of HTTP Basic.
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

    /// The best of our languages for the `Accept-Language` header.
    pub fn preferred_locale(&self) -> Locale {
        self.header("accept-language").map(Locale::from_accept_language).unwrap_or_default()
    }

    fn media_type(&self) -> &str {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }
}
