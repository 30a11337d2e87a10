//! An answer, held against openapi.yaml as soon as it is there.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::Validator;
use lambda_http::{Body, Response};
use serde_json::{Value, json};

use super::Event;

/// The contract, `openapi.yaml`.
static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    serde_norway::from_str(include_str!("../../../openapi.yaml")).expect("openapi.yaml is YAML")
});

/// The contract as JSON.
pub fn contract() -> &'static Value {
    &CONTRACT
}

/// Every answer that the contract names: `POST /register 503 mail-unavailable`.
pub fn documented_answers() -> BTreeSet<String> {
    let mut answers = BTreeSet::new();
    for (path, operations) in CONTRACT["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            for (status, response) in operation["responses"].as_object().expect("responses") {
                if status == "default" {
                    continue;
                }
                let name = format!("{} {path} {status}", method.to_uppercase());
                let codes = resolve(response)["x-codes"].as_array().cloned().unwrap_or_default();
                if codes.is_empty() {
                    answers.insert(name.clone());
                }
                let codes = codes.iter().filter_map(Value::as_str);
                answers.extend(codes.map(|code| format!("{name} {code}")));
            }
        }
    }
    answers
}

/// What a function answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The JSON body.
    pub body: Value,
    /// As the contract names it: `POST /register 503 mail-unavailable`.
    pub name: Option<String>,
}

impl Answer {
    /// Reads the answer to a request, and holds it against the contract.
    pub fn to(event: &Event, response: &Response<Body>) -> Self {
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").to_owned()))
            .collect();
        let body = match response.body() {
            Body::Empty => Value::Null,
            Body::Text(text) => serde_json::from_str(text).expect("an answer is JSON"),
            other => panic!("an answer is text, not {other:?}"),
        };
        let status = response.status().as_u16();
        let mut answer = Self { status, headers, body, name: None };
        answer.name = answer.fits_the_contract(event);
        answer
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Asserts a success, and gives the body.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{}", self.body);
        &self.body
    }

    /// Asserts a problem, and gives the body.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) -> &Value {
        let expected = (status, Some(code));
        assert_eq!((self.status, self.body["code"].as_str()), expected, "{}", self.body);
        &self.body
    }

    /// The seconds of `Retry-After`.
    #[track_caller]
    pub fn retry_after(&self) -> u32 {
        self.header("retry-after").expect("a Retry-After").parse().expect("seconds")
    }

    fn fits_the_contract(&self, event: &Event) -> Option<String> {
        self.has_the_common_headers(event);
        let template = template(&event.path);
        let Some(path) = CONTRACT["paths"].get(&template) else {
            self.is_problem(404, "not-found");
            return None;
        };
        let method = event.method.to_lowercase();
        if self.status == 204 && self.header("access-control-allow-methods").is_some() {
            // The answer to a browser's question, which is no request of the contract.
            assert_eq!((event.method.as_str(), &self.body), ("OPTIONS", &Value::Null));
            return None;
        }
        if method == "head" && path.get("get").is_some() {
            assert_eq!(self.body, Value::Null, "HEAD {}", event.path);
            return None;
        }
        let Some(operation) = path.get(&method) else {
            self.is_problem(405, "method-not-allowed");
            return None;
        };
        let status = self.status.to_string();
        let responses = &operation["responses"];
        let response = responses.get(&status).unwrap_or_else(|| &responses["default"]);
        assert!(!response.is_null(), "{method} {} {status} is not documented", event.path);
        let response = resolve(response);
        let media_type = self.header("content-type").unwrap_or_default();
        if response.get("content").is_none() {
            assert_eq!((&self.body, media_type), (&Value::Null, ""), "{} {status}", event.path);
        } else {
            let schema = &response["content"][media_type]["schema"];
            assert!(!schema.is_null(), "{} {status} as {media_type} is not documented", event.path);
            self.fits(schema);
        }
        self.has_the_headers_of(response);

        let code = self.body["code"].as_str().filter(|_| response["x-codes"].is_array());
        if let (Some(code), Some(codes)) = (code, response["x-codes"].as_array()) {
            assert!(
                codes.contains(&json!(code)),
                "{} {status} {code} is not documented",
                event.path
            );
        }
        let name = format!("{} {template} {status}", event.method);
        Some(code.map_or(name.clone(), |code| format!("{name} {code}")))
    }

    fn has_the_common_headers(&self, event: &Event) {
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()));
        if self.status >= 400 && event.method != "HEAD" {
            assert_eq!(self.header("content-type"), Some("application/problem+json"));
            assert_eq!(self.body["status"], self.status);
            assert_eq!(self.body["request_id"].as_str(), self.header("x-request-id"));
        }
        assert_eq!(self.status == 401, self.header("www-authenticate").is_some());
        assert_eq!(self.status == 405, self.header("allow").is_some());
    }

    fn has_the_headers_of(&self, response: &Value) {
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let (header, value) = (resolve(header), self.header(&name.to_lowercase()));
            assert!(header["required"] != true || value.is_some(), "{name} is missing");
            let is_text = header["schema"]["type"] == "string";
            if let Some(value) = value.filter(|_| is_text) {
                let fits = validator(&header["schema"]).is_valid(&json!(value));
                assert!(fits, "{name}: {value}");
            }
        }
    }

    fn fits(&self, schema: &Value) {
        let validator = validator(schema);
        let errors: Vec<_> = validator.iter_errors(&self.body).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {}", self.body);
    }
}

/// A path as the contract writes it: an id is `{id}` there.
fn template(path: &str) -> String {
    let is_id = |segment: &str| uuid::Uuid::try_parse(segment).is_ok() && segment.len() == 36;
    let segments = path.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// The validator of a schema of the contract, made once.
fn validator(schema: &Value) -> Arc<Validator> {
    static MADE: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let build = || {
        // The schema's references lead into the document's components.
        let mut whole = schema.clone();
        whole["components"] = CONTRACT["components"].clone();
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&whole).expect("a JSON Schema"))
    };
    Arc::clone(made.entry(schema.to_string()).or_insert_with(build))
}

/// Follows one `$ref` within the document.
fn resolve(value: &Value) -> &Value {
    value["$ref"]
        .as_str()
        .and_then(|reference| CONTRACT.pointer(reference.trim_start_matches('#')))
        .unwrap_or(value)
}
