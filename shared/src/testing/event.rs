//! Events as API Gateway sends them.

use lambda_http::{Body, Response};
use serde_json::{Map, Value, json};
use url::form_urlencoded;
use web::{App, answer};

/// Which API sends the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// A REST API: payload 1.0, as in production and under `sam local start-api`.
    Rest,
    /// An HTTP API or a function URL: payload 2.0, as under `cargo lambda watch`.
    Http,
}

/// Sends a function this very document, which may be no request.
pub async fn send_document(document: &Value, app: &impl App) -> Response<Body> {
    answer(app, document, "8f5a3a1e-52b7-4a27-a4c6-0f0f6f1c2d3e").await
}

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Event {
    /// `POST`, …
    pub method: String,
    /// The path, without a stage.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, when there is one.
    pub body: Option<String>,
    /// Whether the body travels as Base64.
    pub is_base64: bool,
    /// The caller.
    pub source_ip: String,
}

impl Event {
    /// A request from some network, without headers or body. The path may end with a query.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.split('?').next().unwrap_or_default().to_owned(),
            query: path.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default(),
            headers: Vec::new(),
            body: None,
            is_base64: false,
            source_ip: "192.0.2.1".to_owned(),
        }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self.header("content-type", "application/json")
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it to a function.
    pub async fn send_to(&self, app: &impl App, payload: Payload) -> Response<Body> {
        send_document(&self.document(payload), app).await
    }

    /// The event itself.
    pub fn document(&self, payload: Payload) -> Value {
        match payload {
            Payload::Rest => self.rest(),
            Payload::Http => self.http(),
        }
    }

    fn headers(&self) -> Map<String, Value> {
        self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
    }

    fn rest(&self) -> Value {
        let multi: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
        // Decoded already, unlike in payload 2.0.
        let parameters: Map<String, Value> = form_urlencoded::parse(self.query.as_bytes())
            .map(|(name, value)| (name.into(), json!(value)))
            .collect();
        json!({
            "resource": self.path,
            "path": self.path,
            "httpMethod": self.method,
            "headers": self.headers(),
            "multiValueHeaders": multi,
            "queryStringParameters": parameters,
            "multiValueQueryStringParameters": null,
            "pathParameters": null,
            "stageVariables": null,
            "requestContext": {
                "accountId": "123456789012", "apiId": "abcdef", "stage": "prod",
                "path": format!("/prod{}", self.path), "resourcePath": self.path,
                "httpMethod": self.method, "protocol": "HTTP/1.1",
                "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
                "identity": { "sourceIp": self.source_ip, "userAgent": "test" },
            },
            "body": self.body,
            "isBase64Encoded": self.is_base64,
        })
    }

    fn http(&self) -> Value {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers(),
            "requestContext": {
                "accountId": "123456789012", "apiId": "abcdef", "domainName": "localhost",
                "stage": "$default", "routeKey": "$default", "requestId": "JKJaXmPLvHcESHA=",
                "time": "23/Nov/2026:03:00:00 +0000", "timeEpoch": 1_795_402_800_000_i64,
                "http": {
                    "method": self.method, "path": self.path, "protocol": "HTTP/1.1",
                    "sourceIp": self.source_ip, "userAgent": "test",
                },
            },
            "body": self.body,
            "isBase64Encoded": self.is_base64,
        })
    }
}
