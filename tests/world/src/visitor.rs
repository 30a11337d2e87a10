//! A person who is signed in.

use jsonwebtoken::{Algorithm, EncodingKey, Header, dangerous::insecure_decode_claims, encode};
use serde_json::{Value, json};
use shared::{
    domain::keys::Keys,
    testing::{Answer, Event},
};

use crate::{KEY, Person, World};

/// A person with a session.
#[derive(Clone)]
pub struct Visitor<'w> {
    /// Who they are.
    pub person: Person<'w>,
    /// The token of the session.
    pub token: String,
}

impl World {
    /// A person with an active account who has signed in.
    pub async fn visitor(&self, email: &str) -> Visitor<'_> {
        self.has_account(email).await.visits().await
    }

    /// The same as an admin.
    pub async fn admin(&self, email: &str) -> Visitor<'_> {
        let person = self.has_account(email).await;
        let grant = json!({ "command": "grant", "email": email, "role": "admin" });
        self.operates(grant).await.expect("it is an active account");
        person.visits().await
    }
}

impl<'w> Person<'w> {
    /// Signs in, as a program does.
    pub async fn signs_in(&self) -> Answer {
        self.world.send(&self.sign_in()).await
    }

    /// The request to sign in, as a program sends it.
    pub fn sign_in(&self) -> Event {
        let mut body = json!({ "email": self.email, "password": self.password });
        if let Some(registration) = &self.registration {
            body["registration"] = json!(registration);
        }
        self.event("/login").json(&body)
    }

    /// Signs in with a form, as a browser does.
    pub async fn signs_in_with_a_form(&self) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("username", &self.email).append_pair("password", &self.password);
        if let Some(registration) = &self.registration {
            form.append_pair("registration", registration);
        }
        let mut event = self.event("/login");
        event.body = Some(form.finish());
        let event = event.header("content-type", "application/x-www-form-urlencoded");
        self.world.send(&event).await
    }

    /// Signs in, and keeps the token.
    pub async fn visits(&self) -> Visitor<'w> {
        let answer = self.signs_in().await;
        let token = answer.is(200)["access_token"].as_str().expect("a token").to_owned();
        Visitor { person: self.clone(), token }
    }

    /// Asks for a new password.
    pub async fn forgets(&self) -> Answer {
        let event = self.event("/password/forgot").json(&json!({ "email": self.email }));
        self.world.send(&event).await
    }

    /// Sets a new password with the token of a link.
    pub async fn resets(&self, token: &str, password: &str) -> Answer {
        let body = json!({ "token": token, "password": password });
        self.world.send(&self.event("/password/reset").json(&body)).await
    }

    /// The token in the newest link to a new password.
    #[track_caller]
    pub fn mailed_link(&self) -> String {
        self.mailed_token("/password")
    }
}

impl Visitor<'_> {
    /// The id of the account.
    pub fn id(&self) -> String {
        self.claims()["sub"].as_str().expect("an id").to_owned()
    }

    /// What the token says.
    pub fn claims(&self) -> Value {
        insecure_decode_claims(&self.token).expect("a JWT")
    }

    /// The same with other claims, signed with our key.
    #[must_use]
    pub fn with_claims(&self, change: impl FnOnce(&mut Value)) -> Self {
        let mut claims = self.claims();
        change(&mut claims);
        let keys = Keys::try_from(KEY).expect("a key");
        let (id, key) = keys.session_key();
        let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::HS256) };
        let token = encode(&header, &claims, &EncodingKey::from_secret(key)).expect("claims");
        Self { person: self.person.clone(), token }
    }

    /// The same after some time: what a token says cannot be moved in the database.
    #[must_use]
    pub fn after(&self, seconds: i64) -> Self {
        self.with_claims(|claims| {
            let expires_at = claims["exp"].as_i64().expect("a time");
            claims["exp"] = json!(expires_at - seconds);
        })
    }

    /// The account, as it is answered.
    pub async fn reads_itself(&self) -> Answer {
        self.calls("GET", "/users/me", None).await
    }

    /// Changes the account.
    pub async fn changes(&self, change: &Value) -> Answer {
        self.calls("PATCH", "/users/me", Some(change)).await
    }

    /// Deletes the account.
    pub async fn deletes_itself(&self) -> Answer {
        self.calls("DELETE", "/users/me", None).await
    }

    /// Signs out.
    pub async fn signs_out(&self) -> Answer {
        self.calls("POST", "/logout", None).await
    }

    /// Any request of this session.
    pub async fn calls(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.person.world.send(&self.event(method, path, body)).await
    }

    /// The same, not sent.
    pub fn event(&self, method: &str, path: &str, body: Option<&Value>) -> Event {
        let mut event = Event::new(method, path);
        event.source_ip.clone_from(&self.person.source_ip);
        let event = event.header("authorization", &format!("Bearer {}", self.token));
        match body {
            Some(body) => event.json(body),
            None => event,
        }
    }
}
