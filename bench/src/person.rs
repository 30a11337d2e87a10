//! A user of the service, and their requests.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared::testing::Event;

/// Each person has their own address, password and network, so that no limit is reached.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) password: String,
    source_ip: String,
    /// Empty until the sign-up.
    pub(crate) registration: String,
    /// Empty without a session.
    pub(crate) token: String,
}

impl Person {
    /// Person number `number` of a database. Addresses are in random order, so each falls on a
    /// different page of an index.
    pub(crate) fn new(number: u32) -> Self {
        let mut hash = DefaultHasher::new();
        number.hash(&mut hash);
        let [_, b, c, d] = number.to_be_bytes();
        Self {
            email: format!("{:016x}@example.com", hash.finish()),
            password: "correct horse battery".to_owned(),
            source_ip: format!("10.{b}.{c}.{d}"),
            registration: String::new(),
            token: String::new(),
        }
    }

    /// The same with a wrong password.
    pub(crate) fn mistyped(&self) -> Self {
        Self { password: "wrong horse battery".to_owned(), ..self.clone() }
    }

    /// The same without naming an attempt.
    pub(crate) fn unnamed(&self) -> Self {
        Self { registration: String::new(), ..self.clone() }
    }

    pub(crate) fn register(&self) -> Event {
        self.post("/register", &json!({ "email": self.email, "password": self.password }))
    }

    pub(crate) fn register_with_key(&self) -> Event {
        self.register().header("idempotency-key", &self.email)
    }

    pub(crate) fn activate(&self, code: &str) -> Event {
        self.with_credentials("/activate", json!({ "code": code }))
    }

    pub(crate) fn resend(&self) -> Event {
        self.with_credentials("/resend", json!({}))
    }

    pub(crate) fn not_me(&self, token: &str) -> Event {
        self.post("/not-me", &json!({ "token": token }))
    }

    pub(crate) fn login(&self) -> Event {
        let body = json!({ "email": self.email, "password": self.password });
        self.post("/login", &self.naming(body))
    }

    pub(crate) fn forgot(&self) -> Event {
        self.post("/password/forgot", &json!({ "email": self.email }))
    }

    pub(crate) fn reset(&self, token: &str, password: &str) -> Event {
        self.post("/password/reset", &json!({ "token": token, "password": password }))
    }

    /// A request in their session.
    pub(crate) fn signed_in(&self, method: &str, path: &str, body: &Value) -> Event {
        let event = self.in_own_network(Event::new(method, path));
        let event = event.header("authorization", &format!("Bearer {}", self.token));
        if body.is_null() { event } else { event.json(body) }
    }

    fn with_credentials(&self, path: &str, body: Value) -> Event {
        let credentials = STANDARD.encode(format!("{}:{}", self.email, self.password));
        self.post(path, &self.naming(body)).header("authorization", &format!("Basic {credentials}"))
    }

    fn naming(&self, mut body: Value) -> Value {
        if !self.registration.is_empty() {
            body["registration"] = json!(self.registration);
        }
        body
    }

    fn post(&self, path: &str, body: &Value) -> Event {
        self.in_own_network(Event::new("POST", path)).json(body)
    }

    fn in_own_network(&self, mut event: Event) -> Event {
        event.source_ip.clone_from(&self.source_ip);
        event
    }
}

/// A different code.
pub(crate) fn wrong(code: &str) -> String {
    let last =
        code.bytes().last().map_or(b'0', |digit| if digit == b'9' { b'0' } else { digit + 1 });
    let mut digits = code.to_owned();
    digits.pop();
    digits.push(char::from(last));
    digits
}
