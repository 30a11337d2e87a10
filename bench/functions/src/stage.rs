//! People who use the functions, and what they send.

use std::time::Duration;

use serde_json::{Value, json};
use shared::testing::{Event, FunctionProcess, Payload, SentMail};
use tokio::time::timeout;
use world::{PASSWORD, basic, sign_up_body};

use crate::{
    binaries::Binaries,
    error::{BenchError, Outcome},
    kind::Kind,
    surroundings::Surroundings,
};

/// Longer than a request can take: a function itself gives up after five seconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// The functions' surroundings, and people who use them.
pub(crate) struct Stage {
    surroundings: Surroundings,
    people: u32,
    /// Prepares what other requests need. It is not measured.
    register: FunctionProcess,
    /// A person with an account.
    owner: Owner,
}

#[derive(Default)]
struct Owner {
    email: String,
    session: String,
}

impl Stage {
    pub(crate) async fn set(binaries: Binaries) -> Outcome<Self> {
        let surroundings = Surroundings::new(binaries).await?;
        let register = surroundings.start(Kind::Register).await;
        let mut stage = Self { surroundings, people: 0, register, owner: Owner::default() };
        stage.has_an_owner().await?;
        Ok(stage)
    }

    /// Starts the function of this kind of request.
    pub(crate) async fn start(&self, kind: Kind) -> FunctionProcess {
        self.surroundings.start(kind).await
    }

    /// Events of this kind, each of another person where that matters, with everything done that
    /// must precede them.
    pub(crate) async fn events(&mut self, kind: Kind, count: u32) -> Outcome<Vec<Value>> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.event(kind).await?);
        }
        // Its emails have been read, and would only fill its memory.
        self.surroundings.world.ses.take_mails();
        Ok(events)
    }

    async fn event(&mut self, kind: Kind) -> Outcome<Value> {
        let Owner { email, session } = &self.owner;
        let event =
            match kind {
                Kind::Hello | Kind::HelloDatabase | Kind::HelloMail | Kind::Page => {
                    Event::new("GET", "/")
                }
                Kind::Health => Event::new("GET", "/health"),
                Kind::Register => self.next_person().1,
                Kind::Activate => self.activation().await?,
                Kind::SignIn => Event::new("POST", "/login")
                    .json(&json!({ "email": email, "password": PASSWORD })),
                Kind::OwnAccount => Event::new("GET", "/users/me")
                    .header("authorization", &format!("Bearer {session}")),
                Kind::Purge => return Ok(json!({ "command": "purge" })),
            };
        Ok(event.document(Payload::Rest))
    }

    /// The next address, and its sign-up from a network of its own, so that no limit is reached.
    fn next_person(&mut self) -> (String, Event) {
        self.people += 1;
        let [_, b, c, d] = self.people.to_be_bytes();
        let email = format!("person{}@example.com", self.people);
        let mut event = Event::new("POST", "/register").json(&sign_up_body(&email, PASSWORD));
        event.source_ip = format!("10.{b}.{c}.{d}");
        (email, event)
    }

    /// Signs up the next person, and returns their activation.
    async fn activation(&mut self) -> Outcome<Event> {
        let (email, sign_up) = self.next_person();
        let document = sign_up.document(Payload::Rest);
        let answer = body(&send(&mut self.register, Kind::Register, &document).await?);
        let mails = self.surroundings.world.mails_to(&email);
        let code = mails.last().and_then(SentMail::code).expect("an email with a code");
        let activation = json!({ "code": code, "registration": answer["registration"] });
        let mut event = Event::new("POST", "/activate").json(&activation);
        event.source_ip = sign_up.source_ip;
        Ok(event.header("authorization", &basic(&email, PASSWORD)))
    }

    async fn has_an_owner(&mut self) -> Outcome<()> {
        let activation = self.activation().await?.document(Payload::Rest);
        send(&mut self.start(Kind::Activate).await, Kind::Activate, &activation).await?;
        self.owner.email = format!("person{}@example.com", self.people);
        let sign_in = self.event(Kind::SignIn).await?;
        let answer = send(&mut self.start(Kind::SignIn).await, Kind::SignIn, &sign_in).await?;
        let session = &body(&answer)["access_token"];
        session.as_str().expect("a token").clone_into(&mut self.owner.session);
        Ok(())
    }
}

/// Sends one event, and returns its right answer.
pub(crate) async fn send(
    function: &mut FunctionProcess,
    kind: Kind,
    event: &Value,
) -> Outcome<Value> {
    let answer = timeout(DEADLINE, function.invoke(event)).await;
    let answer = answer.map_err(|_| BenchError::Silent(kind.request()))?;
    let answer = answer.unwrap_or_else(|error| error);
    let Some(expected) = kind.status() else { return Ok(answer) };
    if answer["statusCode"].as_u64() != Some(expected) {
        let answer = answer.to_string();
        return Err(BenchError::Answer { request: kind.request(), expected, answer });
    }
    Ok(answer)
}

/// The JSON in an answer.
fn body(answer: &Value) -> Value {
    let text = answer["body"].as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}
