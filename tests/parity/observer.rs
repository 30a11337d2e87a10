//! Callers without the mailbox: what they may do, and what they see of it.

use serde_json::Value;
use shared::testing::Answer;
use world::{Person, Visitor, World};

/// What an observer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Register,
    /// With an Idempotency-Key, always the same.
    RegisterWithKey,
    ResendNamed,
    ResendUnnamed,
    GuessNamed,
    GuessUnnamed,
    WrongPasswordNamed,
    WrongPasswordUnnamed,
    /// And reads who it is.
    SignInNamed,
    SignInUnnamed,
    SignInWrongNamed,
    SignInWrongUnnamed,
    ForgetPassword,
}

/// Every call but [`Call::RegisterWithKey`].
pub(crate) const CALLS: [Call; 12] = [
    Call::Register,
    Call::ResendNamed,
    Call::ResendUnnamed,
    Call::GuessNamed,
    Call::GuessUnnamed,
    Call::WrongPasswordNamed,
    Call::WrongPasswordUnnamed,
    Call::SignInNamed,
    Call::SignInUnnamed,
    Call::SignInWrongNamed,
    Call::SignInWrongUnnamed,
    Call::ForgetPassword,
];

/// What a call showed and cost.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    headers: Vec<String>,
    body: Value,
    /// Seconds, which may differ by the time between two calls.
    seconds: Vec<u64>,
    statements: u64,
    round_trips: u64,
}

/// Plays a call as both observers, who must see the same: what the first of them saw.
pub(crate) async fn compare([one, other]: &mut [Person<'_>; 2], call: Call, when: &str) -> Seen {
    let seen = [watch(one, call).await, watch(other, call).await];
    assert!(seen[0].same_as(&seen[1]), "{call:?} {when}: {seen:#?}");
    let [seen, _] = seen;
    seen
}

async fn watch(person: &mut Person<'_>, call: Call) -> Seen {
    let world = person.world;
    let before = world.traffic();
    let answer = play(person, call).await;
    let after = world.traffic();
    Seen::of(&answer, after.statements - before.statements, after.round_trips - before.round_trips)
}

pub(crate) async fn play(person: &mut Person<'_>, call: Call) -> Answer {
    let code = || person.world.wrong_code();
    let wrong = || person.clone().with_password("wrong");
    match call {
        Call::Register => signs_up(person, person.clone()).await,
        Call::RegisterWithKey => {
            signs_up(person, person.clone().sending("idempotency-key", "first")).await
        }
        Call::ResendNamed => person.resends().await,
        Call::ResendUnnamed => person.clone().unnamed().resends().await,
        Call::GuessNamed => person.activates_with(&code()).await,
        Call::GuessUnnamed => person.clone().unnamed().activates_with(&code()).await,
        Call::WrongPasswordNamed => wrong().activates_with(&code()).await,
        Call::WrongPasswordUnnamed => wrong().unnamed().activates_with(&code()).await,
        Call::SignInNamed => signs_in_and_reads(person).await,
        Call::SignInUnnamed => signs_in_and_reads(&person.clone().unnamed()).await,
        Call::SignInWrongNamed => wrong().signs_in().await,
        Call::SignInWrongUnnamed => wrong().unnamed().signs_in().await,
        Call::ForgetPassword => person.forgets().await,
    }
}

/// The first attempt stays the one that calls name.
async fn signs_up<'w>(person: &mut Person<'w>, mut sender: Person<'w>) -> Answer {
    let answer = sender.signs_up().await;
    if person.registration.is_none() {
        person.registration = sender.registration;
    }
    answer
}

/// Both answers as one.
async fn signs_in_and_reads(person: &Person<'_>) -> Answer {
    let mut answer = person.signs_in().await;
    if let Some(token) = answer.body["access_token"].as_str() {
        let visitor = Visitor { person: person.clone(), token: token.to_owned() };
        let me = visitor.reads_itself().await;
        assert_eq!(me.status, 200, "{}", me.body);
        for name in ["locale", "role", "activated_at", "disabled"] {
            answer.body[name] = me.body[name].clone();
        }
    }
    answer
}

impl Seen {
    fn of(answer: &Answer, statements: u64, round_trips: u64) -> Self {
        let mut body = answer.body.clone();
        let mut seconds = Vec::new();
        for name in ["registration", "request_id", "expires_at", "email", "access_token"] {
            if let Some(member) = body.get_mut(name) {
                *member = Value::Null;
            }
        }
        for name in ["expires_in", "resend_in"] {
            if let Some(member) = body.get_mut(name) {
                seconds.extend(member.as_u64());
                *member = Value::Null;
            }
        }
        let mut headers = Vec::new();
        for (name, value) in &answer.headers {
            if name == "retry-after" {
                seconds.extend(value.parse::<u64>());
                body["detail"] = Value::Null;
            }
            let is_its_own = ["retry-after", "x-request-id"].contains(&name.as_str());
            headers.push(if is_its_own { name.clone() } else { format!("{name}: {value}") });
        }
        if body["detail"].as_str().is_some_and(|detail| detail.contains(" s")) {
            body["detail"] = Value::Null;
        }
        Self { status: answer.status, headers, body, seconds, statements, round_trips }
    }

    fn same_as(&self, other: &Self) -> bool {
        let close = self.seconds.len() == other.seconds.len()
            && self.seconds.iter().zip(&other.seconds).all(|(a, b)| a.abs_diff(*b) <= 5);
        let cost = |seen: &Self| (seen.statements, seen.round_trips);
        close
            && cost(self) == cost(other)
            && (self.status, &self.headers, &self.body)
                == (other.status, &other.headers, &other.body)
    }
}

/// An active account of another person.
pub(crate) async fn has_owner(world: &World, email: &str) {
    world
        .database
        .execute(&format!(
            "INSERT INTO accounts (id, email, password_hash, locale, created_at, activated_at, mailed_at, next_mail_at)
             VALUES (gen_random_uuid(), '{email}', '$argon2id$v=19$m=8,t=1,p=1$JLp8McsdTjipVbP++sjMXQ$PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk', 'en', now() - interval '1 day', now() - interval '1 day', '{{}}', now())"
        ))
        .await;
}
