//! Two observers without the mailbox, one of a known and one of an unknown address, see the
//! same and cost the same, whatever they do.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::Value;
use shared::{
    domain::password::{cheap, hashes_computed},
    testing::{Answer, Mood},
};
use world::{Person, World};

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
}

const CALLS: [Call; 7] = [
    Call::Register,
    Call::ResendNamed,
    Call::ResendUnnamed,
    Call::GuessNamed,
    Call::GuessUnnamed,
    Call::WrongPasswordNamed,
    Call::WrongPasswordUnnamed,
];

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

/// Every sequence of exactly so many calls. Shorter ones are their beginnings.
fn sequences(length: usize) -> Vec<Vec<Call>> {
    (0..length).fold(vec![Vec::new()], |shorter, _| {
        let with = |calls: &Vec<Call>, call| [calls.as_slice(), &[call]].concat();
        shorter.iter().flat_map(|calls| CALLS.map(|call| with(calls, call))).collect()
    })
}

/// One test, since hashes are counted in the whole process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_observers_see_and_cost_the_same() {
    cheap::turn_on();
    the_cost_of_each_request().await;
    for (mood, length) in [(Mood::Accepts, 3), (Mood::Fails(400, "MessageRejected"), 3)] {
        let sequences = Arc::new(sequences(length));
        let next = Arc::new(AtomicUsize::new(0));
        let observers = (0..4).map(|_| {
            let (sequences, next) = (Arc::clone(&sequences), Arc::clone(&next));
            tokio::spawn(async move {
                let world = World::on_the_wire(&[]).await;
                while let Some(calls) = sequences.get(next.fetch_add(1, Ordering::Relaxed)) {
                    compare(&world, calls, mood).await;
                    world.forgets_everything().await;
                }
            })
        });
        for observer in observers.collect::<Vec<_>>() {
            observer.await.expect("no sequence tells them apart");
        }
    }
}

async fn compare(world: &World, calls: &[Call], mood: Mood) {
    has_owner(world, "known@example.com").await;
    let mut known = world.person("known@example.com");
    let mut unknown = world.person("unknown@example.com").from_ip("192.0.2.2");
    let start = [
        watch(world, &mut known, Call::Register).await,
        watch(world, &mut unknown, Call::Register).await,
    ];
    assert!(start[0].same_as(&start[1]), "{start:#?}");
    for (number, call) in calls.iter().enumerate() {
        world.ses.is_in_mood(mood);
        let seen = [watch(world, &mut known, *call).await, watch(world, &mut unknown, *call).await];
        world.ses.is_in_mood(Mood::Accepts);
        assert!(
            seen[0].same_as(&seen[1]),
            "call {number} of {calls:?} with SES {mood:?}: {seen:#?}"
        );
    }
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

async fn watch(world: &World, person: &mut Person<'_>, call: Call) -> Seen {
    let before = world.traffic();
    let answer = play(person, call).await;
    let after = world.traffic();
    Seen::of(&answer, after.statements - before.statements, after.round_trips - before.round_trips)
}

async fn play(person: &mut Person<'_>, call: Call) -> Answer {
    // One of the ten thousand may be right: a test of four calls will not see it.
    let code = "0000";
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
    }
}

impl Seen {
    fn of(answer: &Answer, statements: u64, round_trips: u64) -> Self {
        let mut body = answer.body.clone();
        let mut seconds = Vec::new();
        for name in ["registration", "request_id", "expires_at", "email"] {
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
    // Connections are there before the first request.
    let mut costs: BTreeMap<&str, [(u64, u64, u64); 2]> = BTreeMap::new();
    for (column, email) in ["known@example.com", "unknown@example.com"].into_iter().enumerate() {
        let mut person = world.person(email);
        for (name, call) in [
            ("1 register", Call::Register),
            ("2 activate, named, wrong code", Call::GuessNamed),
            ("3 activate, unnamed, wrong code", Call::GuessUnnamed),
            ("4 activate, named, wrong password", Call::WrongPasswordNamed),
            ("5 activate, unnamed, wrong password", Call::WrongPasswordUnnamed),
            ("6 resend, named", Call::ResendNamed),
            ("7 resend, unnamed, too early", Call::ResendUnnamed),
        ] {
            if call == Call::ResendNamed {
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
    for (name, [known, unknown]) in &costs {
        println!("{:38} {:10}  {:11}  {:6}", &name[2..], known.0, known.1, known.2);
        assert_eq!(known, unknown, "{name}");
    }
    let all: Vec<_> = costs.values().map(|[known, _]| *known).collect();
    assert_eq!(all, [(3, 3, 1), (2, 2, 1), (2, 2, 2), (1, 1, 1), (1, 1, 2), (3, 3, 1), (2, 2, 2)]);
}
