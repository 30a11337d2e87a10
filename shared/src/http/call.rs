//! A request as the handlers see it, judged in the contract's order.

use std::net::{IpAddr, Ipv4Addr};

use lambda_http::{Body, Request, RequestExt as _, http::header, request::RequestContext};

use super::{Fields, Kind, Problem};
use crate::domain::{
    credentials::Credentials,
    network::{Network, TrustedCallers, caller_network},
};

/// More than any request of ours needs.
const MAX_BODY_BYTES: usize = 8 * 1024;

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
        if !self.is_json() {
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

    /// Who the caller claims to be.
    pub fn credentials(&self) -> Result<Credentials, Problem> {
        self.request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| Credentials::from_basic(value.as_bytes()).ok())
            .ok_or_else(Problem::invalid_credentials)
    }

    /// The value of a header, when it is there. `Err`: it is no ASCII text.
    pub fn header(&self, name: &str) -> Option<Result<&str, ()>> {
        self.request.headers().get(name).map(|value| value.to_str().map_err(drop))
    }

    fn is_json(&self) -> bool {
        let value = self.request.headers().get(header::CONTENT_TYPE);
        let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    }
}
