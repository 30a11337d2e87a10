//! Two observers without the mailbox, one of a known and one of an unknown address, see the
//! same and cost the same, whatever they do.

use std::{collections::BTreeMap, pin::Pin};

use serde_json::{Value, json};
use shared::{
    domain::password::hashes_computed,
    testing::{Answer, Mood},
};
use world::{Person, Visitor, World};

/// What an observer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Register,
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

const CALLS: [Call; 12] = [
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

/// A world to play in.
#[derive(Debug, Clone, Copy)]
struct Setting {
    mood: Mood,
    cooldown: &'static str,
    /// The account of the known address is disabled.
    is_disabled: bool,
    /// What observers may do, and how many calls follow the first sign-up.
    calls: &'static [Call],
    length: usize,
}

const REFUSES: Mood = Mood::Fails(400, "MessageRejected");

/// Signing up, resending and guessing depend on each other most, so these sequences are longer.
const SETTINGS: [Setting; 5] = [
    setting(Mood::Accepts, "0", false, CALLS.split_at(7).0, 4),
    setting(REFUSES, "30", false, CALLS.split_at(7).0, 4),
    setting(Mood::Accepts, "0", false, &CALLS, 3),
    setting(REFUSES, "30", false, &CALLS, 2),
    setting(Mood::Accepts, "30", true, &CALLS, 2),
];

const fn setting(
    mood: Mood,
    cooldown: &'static str,
    is_disabled: bool,
    calls: &'static [Call],
    length: usize,
) -> Setting {
    Setting { mood, cooldown, is_disabled, calls, length }
}

/// What a call showed and cost.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    headers: Vec<String>,
    body: Value,
    /// Seconds, which may differ by the time between two calls.
    seconds: Vec<u64>,
    statements: u64,
    round_trips: u64,
}

impl Seen {
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

/// One test, since hashes are counted in the whole process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_observers_see_and_cost_the_same() {
    the_cost_of_each_request().await;
    for setting in SETTINGS {
        // Each first call is played by two observers of its own.
        let play = |first: &Call| tokio::spawn(play_all_that_begin_with(*first, setting));
        let observers: Vec<_> = setting.calls.iter().map(play).collect();
        for observer in observers {
            observer.await.expect("no sequence tells them apart");
        }
    }
}

async fn play_all_that_begin_with(first: Call, setting: Setting) {
    let world = World::on_the_wire(&[("RESEND_COOLDOWN_SECONDS", setting.cooldown)]).await;
    has_owner(&world, "known@example.com").await;
    if setting.is_disabled {
        world.database.execute("UPDATE accounts SET disabled_at = now()").await;
    }
    let known = world.person("known@example.com");
    let unknown = world.person("unknown@example.com").from_ip("192.0.2.2");
    let mut observers = [known, unknown];
    compare(&mut observers, &[Call::Register]).await;
    world.ses.is_in_mood(setting.mood);
    compare(&mut observers, &[first]).await;
    play_on(&world, &observers, setting, vec![first]).await;
}

/// Plays every call that may come next, and whatever may follow it. The database goes back to
/// where it was after each, so that sequences share their beginnings.
fn play_on<'a>(
    world: &'a World,
    observers: &'a [Person<'a>; 2],
    setting: Setting,
    calls: Vec<Call>,
) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    Box::pin(async move {
        if calls.len() == setting.length {
            return;
        }
        let here = format!("after_{}", calls.len());
        world.keeps(&here).await;
        for call in setting.calls {
            let calls = [calls.as_slice(), &[*call]].concat();
            compare(&mut observers.clone(), &calls).await;
            play_on(world, observers, setting, calls).await;
            world.goes_back_to(&here).await;
        }
    })
}

/// Plays the last of these calls, as both.
async fn compare([known, unknown]: &mut [Person<'_>; 2], calls: &[Call]) {
    let call = *calls.last().expect("a call");
    let seen = [watch(known, call).await, watch(unknown, call).await];
    assert!(seen[0].same_as(&seen[1]), "after {calls:?}: {seen:#?}");
}

/// An active account of somebody else.
async fn has_owner(world: &World, email: &str) {
    world
        .database
        .execute(&format!(
            "INSERT INTO accounts (id, email, password_hash, locale, created_at, activated_at, mailed_at, next_mail_at)
             VALUES (gen_random_uuid(), '{email}', '$argon2id$v=19$m=8,t=1,p=1$JLp8McsdTjipVbP++sjMXQ$PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk', 'en', now() - interval '1 day', now() - interval '1 day', '{{}}', now())"
        ))
        .await;
}

async fn watch(person: &mut Person<'_>, call: Call) -> Seen {
    let world = person.world;
    let before = world.traffic();
    let answer = play(person, call).await;
    let after = world.traffic();
    Seen::of(&answer, after.statements - before.statements, after.round_trips - before.round_trips)
}

async fn play(person: &mut Person<'_>, call: Call) -> Answer {
    let code = &person.world.wrong_code();
    match call {
        Call::Register => {
            // The first attempt stays the one that calls name.
            let first = person.registration.clone();
            let answer = person.signs_up().await;
            person.registration = first.or(person.registration.take());
            answer
        }
        Call::ResendNamed => person.resends().await,
        Call::ResendUnnamed => person.clone().unnamed().resends().await,
        Call::GuessNamed => person.activates_with(code).await,
        Call::GuessUnnamed => person.clone().unnamed().activates_with(code).await,
        Call::WrongPasswordNamed => {
            person.clone().with_password("wrong").activates_with(code).await
        }
        Call::WrongPasswordUnnamed => {
            person.clone().with_password("wrong").unnamed().activates_with(code).await
        }
        Call::SignInNamed => signs_in_and_reads(person).await,
        Call::SignInUnnamed => signs_in_and_reads(&person.clone().unnamed()).await,
        Call::SignInWrongNamed => person.clone().with_password("wrong").signs_in().await,
        Call::SignInWrongUnnamed => {
            person.clone().with_password("wrong").unnamed().signs_in().await
        }
        Call::ForgetPassword => person.forgets().await,
    }
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
}

/// Prints what requests cost, and holds the figures.
#[expect(clippy::print_stdout, reason = "the README and bench/ quote this table")]
async fn the_cost_of_each_request() {
    let world = World::on_the_wire(&[]).await;
    has_owner(&world, "known@example.com").await;
    // Whose owner has chosen no password yet.
    world.imports(json!([{ "email": "imported@example.com" }])).await;
    // Connections are there before the first request.
    let mut costs: BTreeMap<&str, [(u64, u64, u64); 3]> = BTreeMap::new();
    let emails = ["known@example.com", "unknown@example.com", "imported@example.com"];
    for (column, email) in emails.into_iter().enumerate() {
        let mut person = world.person(email);
        for (name, call) in [
            ("1 register", Call::Register),
            ("2 activate, named, wrong code", Call::GuessNamed),
            ("3 activate, unnamed, wrong code", Call::GuessUnnamed),
            ("4 activate, named, wrong password", Call::WrongPasswordNamed),
            ("5 activate, unnamed, wrong password", Call::WrongPasswordUnnamed),
            ("6 resend, named", Call::ResendNamed),
            ("7 resend, unnamed", Call::ResendUnnamed),
            ("8 login, named, and GET /users/me", Call::SignInNamed),
            ("8 login, unnamed, and GET /users/me", Call::SignInUnnamed),
            ("8 login, named, wrong password", Call::SignInWrongNamed),
            ("8 login, unnamed, wrong password", Call::SignInWrongUnnamed),
            ("9 password/forgot", Call::ForgetPassword),
        ] {
            if [Call::ResendNamed, Call::ResendUnnamed].contains(&call) {
                world.time_passes(31.0).await;
            }
            let (before, hashes) = (world.traffic(), hashes_computed());
            play(&mut person, call).await;
            let after = world.traffic();
            costs.entry(name).or_default()[column] = (
                after.statements - before.statements,
                after.round_trips - before.round_trips,
                hashes_computed() - hashes,
            );
            assert_eq!(after.named, 0, "a named statement pins a connection of RDS Proxy");
        }
    }
    println!("{:38} statements  round trips  hashes", "request");
    for (name, [known, unknown, imported]) in &costs {
        println!("{:38} {:10}  {:11}  {:6}", &name[2..], known.0, known.1, known.2);
        assert_eq!([known, imported], [unknown; 2], "{name}");
    }
    let all: Vec<_> = costs.values().map(|[known, ..]| *known).collect();
    let core = [(3, 3, 1), (2, 2, 1), (2, 2, 2), (1, 1, 1), (1, 1, 2), (3, 3, 1), (3, 3, 2)];
    // In the order of their names.
    let accounts = [(3, 3, 1), (1, 1, 1), (3, 3, 2), (1, 1, 2), (2, 2, 0)];
    assert_eq!(all, [core.as_slice(), &accounts].concat());
}
