//! Events of API Gateway as requests, and answers as API Gateway takes them.
//!
//! `lambda_http` converts events as well, but panics over a `Host`, a scheme or a query that makes no
//! URL, and fails over a member of another type than AWS documents. Here nothing an event holds is
//! an error: what cannot be read is absent.

use std::net::{IpAddr, Ipv4Addr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lambda_http::{
    Body, Response,
    aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse},
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
};
use serde_json::{Map, Value};
use url::form_urlencoded;

/// A request, as the event tells it.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without a stage.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) source_ip: IpAddr,
}

/// Which API sent an event, and so how it wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload {
    /// 1.0, a REST API: production, and `sam local start-api`.
    Rest,
    /// 2.0, an HTTP API or a function URL: `cargo lambda watch`.
    Http,
}

impl Payload {
    pub(crate) fn of(event: &Value) -> Self {
        if event["requestContext"]["http"].is_object() { Self::Http } else { Self::Rest }
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
        // The second form has the last value of each name only.
        let either = |multi: &str, single: &str| {
            let pairs = multiple(multi);
            if pairs.is_empty() { multiple(single) } else { pairs }
        };
        Self {
            method: text(&event["httpMethod"]),
            path: text(&event["path"]),
            query: either("multiValueQueryStringParameters", "queryStringParameters"),
            headers: in_lower_case(either("multiValueHeaders", "headers")),
            body: body(event),
            source_ip: ip(&event["requestContext"]["identity"]["sourceIp"]),
        }
    }

    fn of_http(event: &Value) -> Self {
        let context = &event["requestContext"];
        let raw_path = text(&event["rawPath"]);
        // A named stage stands before the path.
        let stage = context["stage"].as_str().unwrap_or_default();
        let path = without_prefix(&raw_path, stage).unwrap_or(&raw_path).to_owned();
        let query = text(&event["rawQueryString"]);
        let mut headers = in_lower_case(pairs(&event["headers"]));
        let cookies = event["cookies"].as_array().into_iter().flatten();
        headers.extend(cookies.map(|cookie| ("cookie".to_owned(), text(cookie))));
        Self {
            method: text(&context["http"]["method"]),
            path,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers,
            body: body(event),
            source_ip: ip(&context["http"]["sourceIp"]),
        }
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers_named(name).next()
    }

    /// Every value of a header, one for each line that it came in.
    pub(crate) fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(its, _)| its == name).map(|(_, value)| value.as_str())
    }
}

/// The rest of a path after a first segment, if the path begins with that segment.
pub(crate) fn without_prefix<'p>(path: &'p str, segment: &str) -> Option<&'p str> {
    let rest = path.strip_prefix('/')?.strip_prefix(segment)?;
    rest.starts_with('/').then_some(rest)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Names with one value or a list of them.
fn pairs(members: &Value) -> Vec<(String, String)> {
    let members = members.as_object().into_iter().flat_map(Map::iter);
    let each = members.flat_map(|(name, value)| {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        values.iter().filter_map(move |value| Some((name.clone(), value.as_str()?.to_owned())))
    });
    each.collect()
}

fn in_lower_case(mut headers: Vec<(String, String)>) -> Vec<(String, String)> {
    for (name, _) in &mut headers {
        name.make_ascii_lowercase();
    }
    headers
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

/// An answer, as the API that sent the event takes it.
pub(crate) fn to_payload(response: Response<Body>, payload: Payload) -> Value {
    let (parts, body) = response.into_parts();
    let (status_code, mut headers) = (i64::from(parts.status.as_u16()), parts.headers);
    let is_base64_encoded = matches!(body, Body::Binary(_));
    let body = Some(body).filter(|body| !matches!(body, Body::Empty));
    let answer = match payload {
        Payload::Rest => {
            let mut answer = ApiGatewayProxyResponse::default();
            answer.status_code = status_code;
            // Not `headers` as well: API Gateway would send what is in both twice.
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

/// Payload 2.0 lists cookies apart from headers.
fn taken_cookies(headers: &mut HeaderMap<HeaderValue>) -> Vec<String> {
    let cookies = headers.get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
    headers.remove(SET_COOKIE);
    cookies
}
