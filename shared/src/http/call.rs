//! A request as the handlers see it, judged in the contract's order.

use std::net::{IpAddr, Ipv4Addr};

use lambda_http::{Body, Request, RequestExt as _, http::header, request::RequestContext};
use secrecy::SecretString;
use url::form_urlencoded;

use super::{Fields, Kind, Problem};
use crate::domain::{
    credentials::Credentials,
    locale::Locale,
    network::{Network, TrustedCallers, caller_network},
};

/// More than any request of ours needs.
const MAX_BODY_BYTES: usize = 8 * 1024;

/// The cookie of a session. Its prefix makes browsers refuse it from elsewhere, or without TLS
/// (RFC 6265bis §4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-session";

/// The token of a session, as it came along.
pub struct Bearer {
    /// The token.
    pub token: SecretString,
    /// It stood in the cookie, so a browser may have sent it by itself.
    pub is_cookie: bool,
}

/// A request.
pub struct Call<'r> {
    request: &'r Request,
    path: &'r str,
    /// Where it came from.
    pub network: Network,
}

impl<'r> Call<'r> {
    /// Reads what API Gateway says of a request: REST (payload 1.0) or HTTP API and function
    /// URL (payload 2.0).
    pub fn of(request: &'r Request, trusted: &TrustedCallers) -> Self {
        let (source, stage) = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => {
                (context.identity.source_ip.as_deref(), None)
            }
            Some(RequestContext::ApiGatewayV2(context)) => {
                (context.http.source_ip.as_deref(), context.stage.as_deref())
            }
            _ => (None, None),
        };
        let source =
            source.and_then(|ip| ip.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let end_user = request.headers().get("x-end-user-address").and_then(|v| v.to_str().ok());
        let raw_path = request.raw_http_path();
        // Payload 2.0 puts a named stage before the path, payload 1.0 does not.
        let path = stage
            .and_then(|stage| raw_path.strip_prefix('/')?.strip_prefix(stage))
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(raw_path);
        Self { request, path, network: caller_network(source, end_user, trusted) }
    }

    /// The path without a stage.
    pub fn path(&self) -> &str {
        self.path
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// The id under which this request stands in the log.
    pub fn request_id(&self) -> &str {
        self.request.lambda_context_ref().map_or("", |context| &context.request_id)
    }

    /// Refuses any other method.
    pub fn expect_method(&self, method: &'static str) -> Result<(), Problem> {
        if self.request.method().as_str() == method {
            Ok(())
        } else {
            Err(Problem::method_not_allowed(method))
        }
    }

    /// The fields of a JSON body: its size, media type and syntax are right.
    pub fn fields(&self) -> Result<Fields, Problem> {
        let body = self.body()?;
        if !self.is("application/json") {
            return Err(Problem::new(
                Kind::UnsupportedMediaType,
                "Send JSON, with the header `Content-Type: application/json`.",
            ));
        }
        match serde_json::from_slice(body) {
            Ok(value) => Fields::of(value),
            // Line and column only: the parser's own words may quote what was sent.
            Err(error) => Err(Problem::new(
                Kind::MalformedJson,
                format!(
                    "The body is not JSON: see line {}, column {}.",
                    error.line(),
                    error.column()
                ),
            )),
        }
    }

    /// The fields of a form, if that is what was sent. One that was left empty is absent.
    pub fn form(&self) -> Result<Option<Fields>, Problem> {
        let body = self.body()?;
        let is_form = self.is("application/x-www-form-urlencoded");
        let filled = form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty());
        Ok(is_form.then(|| Fields::of_pairs(filled)))
    }

    /// The parameters of the query.
    pub fn query(&self) -> Fields {
        let query = self.request.query_string_parameters_ref();
        Fields::of_pairs(query.into_iter().flat_map(|query| query.iter()))
    }

    /// The session that the request relies on: the header decides when there is one.
    pub fn bearer(&self) -> Option<Bearer> {
        if let Some(value) = self.header("authorization") {
            let (scheme, token) = value.ok()?.split_once(' ')?;
            let token = scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().into())?;
            return Some(Bearer { token, is_cookie: false });
        }
        // Other cookies of the site may hold anything.
        let cookies = self.request.headers().get(header::COOKIE)?;
        let cookies = String::from_utf8_lossy(cookies.as_bytes());
        let mut named = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        let (_, token) = named.find(|(name, _)| *name == SESSION_COOKIE)?;
        Some(Bearer { token: token.into(), is_cookie: true })
    }

    /// Who the caller claims to be.
    pub fn credentials(&self) -> Result<Credentials, Problem> {
        self.request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| Credentials::from_basic(value.as_bytes()).ok())
            .ok_or_else(Problem::invalid_credentials)
    }

    /// The language that the browser prefers.
    pub fn preferred_locale(&self) -> Locale {
        match self.header("accept-language") {
            Some(Ok(languages)) => Locale::from_accept_language(languages),
            _ => Locale::default(),
        }
    }

    /// The value of a header, when it is there. `Err`: it is no ASCII text.
    pub fn header(&self, name: &str) -> Option<Result<&str, ()>> {
        self.request.headers().get(name).map(|value| value.to_str().map_err(drop))
    }

    fn body(&self) -> Result<&[u8], Problem> {
        let body: &[u8] = match self.request.body() {
            Body::Empty => &[],
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            _ => return Err(Problem::internal("a body of a kind that Lambda does not send")),
        };
        if body.len() > MAX_BODY_BYTES {
            return Err(Problem::new(
                Kind::PayloadTooLarge,
                format!("Send at most {MAX_BODY_BYTES} bytes."),
            ));
        }
        Ok(body)
    }

    fn is(&self, media_type: &str) -> bool {
        let value = self.request.headers().get(header::CONTENT_TYPE);
        let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(media_type)
    }
}
