//! A person who uses the service.

use activate::ActivateApp;
use register::RegisterApp;
use serde_json::{Value, json};
use shared::testing::{Answer, Event, SentMail};

use crate::{PASSWORD, World, basic, sign_up_body};

/// A person with an address, a password, a network, and maybe an attempt.
#[derive(Clone)]
pub struct Person<'w> {
    /// Where they live.
    pub world: &'w World,
    /// The address as they write it.
    pub email: String,
    /// The password.
    pub password: String,
    /// The attempt that requests name.
    pub registration: Option<String>,
    /// Where they are.
    pub source_ip: String,
    headers: Vec<(String, String)>,
}

impl<'w> Person<'w> {
    pub(super) fn new(world: &'w World, email: &str) -> Self {
        Self {
            world,
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            registration: None,
            source_ip: "192.0.2.1".to_owned(),
            headers: Vec::new(),
        }
    }

    /// The same with another password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    /// The same in another network.
    #[must_use]
    pub fn from_ip(mut self, source_ip: &str) -> Self {
        source_ip.clone_into(&mut self.source_ip);
        self
    }

    /// The same, sending one header more.
    #[must_use]
    pub fn sending(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, naming no attempt.
    #[must_use]
    pub fn unnamed(mut self) -> Self {
        self.registration = None;
        self
    }

    /// Signs up, and remembers the attempt.
    pub async fn signs_up(&mut self) -> Answer {
        let answer = self.world.send(&self.sign_up()).await;
        if let Some(registration) = answer.body["registration"].as_str() {
            self.registration = Some(registration.to_owned());
        }
        answer
    }

    /// Signs up at one of several instances.
    pub async fn signs_up_at(&self, instance: &RegisterApp) -> Answer {
        let event = self.sign_up();
        let answer = event.send_to(instance, self.world.payload).await;
        Answer::to(&event, &answer)
    }

    /// Tries a code at an instance of the test's own.
    pub async fn activates_at(&self, instance: &ActivateApp, code: &str) -> Answer {
        let event = self.guess(code);
        Answer::to(&event, &event.send_to(instance, self.world.payload).await)
    }

    /// Tries a code.
    pub async fn activates_with(&self, code: &str) -> Answer {
        self.world.send(&self.guess(code)).await
    }

    /// Asks for a new code.
    pub async fn resends(&self) -> Answer {
        self.world.send(&self.resend()).await
    }

    /// Says that it was another person, with the token of a mail.
    pub async fn was_not_me(&self, token: &str) -> Answer {
        self.world.send(&self.not_me(token)).await
    }

    /// The token in the newest mail to this address that has one.
    #[track_caller]
    pub fn mailed_not_me(&self) -> String {
        self.mailed_token("/not-me")
    }

    /// The token in the newest link to this page.
    #[track_caller]
    pub(crate) fn mailed_token(&self, page: &str) -> String {
        self.mails().iter().rev().find_map(|mail| mail.token(page)).expect("a link")
    }

    /// Every mail to this address, the oldest first.
    pub fn mails(&self) -> Vec<SentMail> {
        self.world.mails_to(&self.email.to_lowercase())
    }

    /// The code in the newest mail to this address.
    #[track_caller]
    pub fn mailed_code(&self) -> String {
        self.mails().last().and_then(SentMail::code).expect("a mail with a code")
    }

    /// Asserts that the attempt is there and not activated.
    pub async fn is_still_pending(&self) {
        let id = self.registration.as_deref().expect("an attempt");
        let query =
            format!("SELECT count(*) FROM accounts WHERE id = '{id}' AND activated_at IS NULL");
        assert_eq!(self.world.database.number(&query).await, 1, "the attempt is not pending");
    }

    /// The request to sign up.
    pub fn sign_up(&self) -> Event {
        self.event("/register").json(&sign_up_body(&self.email, &self.password))
    }

    /// A request of this person, without a body.
    pub fn event(&self, path: &str) -> Event {
        let mut event = Event::new("POST", path);
        event.source_ip.clone_from(&self.source_ip);
        event.headers.extend(self.headers.clone());
        event
    }

    /// A request of this person that tries a code.
    pub fn guess(&self, code: &str) -> Event {
        self.request("/activate", json!({ "code": code }))
    }

    /// A request of this person for a new code.
    pub fn resend(&self) -> Event {
        self.request("/resend", json!({}))
    }

    /// A request of this person with the token of a "this was not me" link.
    pub fn not_me(&self, token: &str) -> Event {
        self.event("/not-me").json(&json!({ "token": token }))
    }

    /// With the credentials, and the attempt when they name it.
    fn request(&self, path: &str, mut body: Value) -> Event {
        if let Some(registration) = &self.registration {
            body["registration"] = json!(registration);
        }
        let credentials = basic(&self.email, &self.password);
        self.event(path).json(&body).header("authorization", &credentials)
    }
}
