//! Events as `sam local generate-event` makes them, with our requests in them.

use std::{path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use shared::testing::{Event, Payload};

/// One event of each API, to be filled in.
pub(crate) struct Events {
    rest: Value,
    http: Value,
}

impl Events {
    /// Asks the SAM CLI for them.
    pub(crate) fn generate(sam: &Path) -> Self {
        let generate = |kind: &str| {
            let output = Command::new(sam)
                .args(["local", "generate-event", "apigateway", kind])
                .env("SAM_CLI_TELEMETRY", "0")
                .output()
                .expect("the SAM CLI runs");
            serde_json::from_slice(&output.stdout).expect("an event")
        };
        Self { rest: generate("aws-proxy"), http: generate("http-api-proxy") }
    }

    /// The event of this request.
    pub(crate) fn of(&self, request: &Event, payload: Payload) -> Value {
        let headers: Map<String, Value> =
            request.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let body = request.body.as_ref().map(|body| STANDARD.encode(body));
        let mut event = match payload {
            Payload::Rest => self.rest.clone(),
            Payload::Http => self.http.clone(),
        };
        event["body"] = json!(body);
        event["isBase64Encoded"] = json!(true);
        event["headers"] = Value::Object(headers.clone());
        match payload {
            Payload::Rest => {
                let lists = headers.into_iter().map(|(name, value)| (name, json!([value])));
                event["multiValueHeaders"] = Value::Object(lists.collect());
                event["path"] = json!(request.path);
                event["httpMethod"] = json!(request.method);
                event["requestContext"]["path"] = json!(format!("/prod{}", request.path));
                event["requestContext"]["httpMethod"] = json!(request.method);
                event["requestContext"]["identity"]["sourceIp"] = json!(request.source_ip);
            }
            Payload::Http => {
                event["rawPath"] = json!(request.path);
                event["requestContext"]["http"]["path"] = json!(request.path);
                event["requestContext"]["http"]["method"] = json!(request.method);
                event["requestContext"]["http"]["sourceIp"] = json!(request.source_ip);
            }
        }
        event
    }
}
