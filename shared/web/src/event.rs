//! Reads API Gateway's events and writes its responses.
//!
//! `lambda_http` converts events as well, but it panics if host, scheme and query do not make a URL,
//! and fails if a member has an undocumented type. Here no event is an error: a member that cannot
//! be read counts as absent.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lambda_http::{
    Body, Response,
    aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse},
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
};
use serde_json::{Map, Value};
use url::form_urlencoded;

/// A request, read from an event.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The first segment of the path may be the stage (payload 2.0).
    pub(crate) stage: String,
    pub(crate) query: Vec<(String, String)>,
    /// By names in lower case. Several values of a name are joined (RFC 9110 §5.3).
    headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
    pub(crate) source_ip: IpAddr,
}

/// The payload format of an event, and of the response to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload {
    /// 1.0, of a REST API: production, and `sam local start-api`.
    Rest,
    /// 2.0, of an HTTP API or a function URL: `cargo lambda watch`.
    Http,
}

impl Payload {
    pub(crate) fn of(event: &Value) -> Self {
        let is_http = event["version"] == "2.0" || event["requestContext"]["http"].is_object();
        if is_http { Self::Http } else { Self::Rest }
    }
}

impl Request {
    pub(crate) fn of(event: &Value) -> Self {
        match Payload::of(event) {
            Payload::Rest => Self::of_rest(event),
            Payload::Http => Self::of_http(event),
        }
    }

    fn of_rest(event: &Value) -> Self {
        let multiple = |name: &str| pairs(&event[name]);
        // The single form has only the last value of each name.
        let either = |multi: &str, single: &str| {
            let pairs = multiple(multi);
            if pairs.is_empty() { multiple(single) } else { pairs }
        };
        Self {
            method: text(&event["httpMethod"]),
            path: text(&event["path"]),
            stage: String::new(),
            query: either("multiValueQueryStringParameters", "queryStringParameters"),
            headers: joined(either("multiValueHeaders", "headers")),
            body: body(event),
            source_ip: ip(&event["requestContext"]["identity"]["sourceIp"]),
        }
    }

    fn of_http(event: &Value) -> Self {
        let context = &event["requestContext"];
        let query = text(&event["rawQueryString"]);
        let mut headers = pairs(&event["headers"]);
        let cookies = event["cookies"].as_array().into_iter().flatten();
        headers.extend(cookies.map(|cookie| ("cookie".to_owned(), text(cookie))));
        let headers = joined(headers);
        Self {
            method: text(&context["http"]["method"]),
            path: text(&event["rawPath"]),
            stage: text(&context["stage"]),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers,
            body: body(event),
            source_ip: ip(&context["http"]["sourceIp"]),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The members of an object, each a text or a list of texts.
fn pairs(members: &Value) -> Vec<(String, String)> {
    let members = members.as_object().into_iter().flat_map(Map::iter);
    let each = members.flat_map(|(name, value)| {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        values.iter().filter_map(move |value| Some((name.clone(), value.as_str()?.to_owned())))
    });
    each.collect()
}

/// API Gateway joins the values of a header in payload 2.0, so we do the same in 1.0: nothing may
/// depend on which of two values a reader picks.
fn joined(headers: Vec<(String, String)>) -> HashMap<String, String> {
    let mut joined = HashMap::<String, String>::new();
    for (mut name, value) in headers {
        name.make_ascii_lowercase();
        let separator = if name == "cookie" { "; " } else { "," };
        joined.entry(name).and_modify(|all| all.extend([separator, &value])).or_insert(value);
    }
    joined
}

fn body(event: &Value) -> Vec<u8> {
    let text = text(&event["body"]);
    let decoded = (event["isBase64Encoded"] == true).then(|| STANDARD.decode(&text).ok()).flatten();
    decoded.unwrap_or_else(|| text.into_bytes())
}

fn ip(value: &Value) -> IpAddr {
    let ip = value.as_str().and_then(|text| text.parse().ok());
    ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// A response in the payload format of its event.
pub(crate) fn to_payload(response: Response<Body>, payload: Payload) -> Value {
    let (parts, body) = response.into_parts();
    let (status_code, mut headers) = (i64::from(parts.status.as_u16()), parts.headers);
    let is_base64_encoded = matches!(body, Body::Binary(_));
    let body = Some(body).filter(|body| !matches!(body, Body::Empty));
    let answer = match payload {
        Payload::Rest => {
            let mut answer = ApiGatewayProxyResponse::default();
            answer.status_code = status_code;
            // Not in `headers` as well: API Gateway would send them twice.
            answer.multi_value_headers = headers;
            answer.body = body;
            answer.is_base64_encoded = is_base64_encoded;
            serde_json::to_value(answer)
        }
        Payload::Http => {
            let mut answer = ApiGatewayV2httpResponse::default();
            answer.status_code = status_code;
            answer.cookies = taken_cookies(&mut headers);
            answer.headers = headers;
            answer.body = body;
            answer.is_base64_encoded = is_base64_encoded;
            serde_json::to_value(answer)
        }
    };
    answer.expect("its names are strings")
}

/// Payload 2.0 lists cookies separately.
fn taken_cookies(headers: &mut HeaderMap<HeaderValue>) -> Vec<String> {
    let cookies = headers.get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
    headers.remove(SET_COOKIE);
    cookies
}
