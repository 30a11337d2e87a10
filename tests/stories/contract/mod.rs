//! Every answer that openapi.yaml names, given once, in both payload formats.

mod accounts;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::testing::{Answer, Event, Mood, Payload, documented_answers};
use world::{Person, World, basic, wrong_code};

const ADA: &str = "ada@example.com";

/// The names of the answers that were given.
#[derive(Default)]
struct Given(BTreeSet<String>);

impl Given {
    #[track_caller]
    fn add(&mut self, answer: &Answer, status: u16) {
        assert_eq!(answer.status, status, "{}", answer.body);
        self.0.extend(answer.name.clone());
    }
}

async fn world(payload: Payload, settings: &[(&str, &str)]) -> World {
    let mut world = World::with(settings).await;
    world.payload = payload;
    world
}

#[tokio::test]
async fn every_documented_answer_is_given() {
    for payload in [Payload::Rest, Payload::Http] {
        let mut given = Given::default();
        refusals_before_anything_is_looked_up(&mut given, payload).await;
        from_sign_up_to_account(&mut given, payload).await;
        repeated_sign_ups(&mut given, payload).await;
        accounts::all(&mut given, payload).await;
        limits(&mut given, payload).await;
        bugs(&mut given, payload).await;
        outages(&mut given, payload).await;
        let documented = documented_answers();
        let missing: Vec<_> = documented.difference(&given.0).collect();
        assert!(missing.is_empty(), "{payload:?}: never given: {missing:?}");
        let unknown: Vec<_> = given.0.difference(&documented).collect();
        assert!(unknown.is_empty(), "{payload:?}: not documented: {unknown:?}");
    }
}

async fn refusals_before_anything_is_looked_up(given: &mut Given, payload: Payload) {
    let world = world(payload, &[]).await;
    for (method, path) in [
        ("POST", "/register"),
        ("POST", "/resend"),
        ("POST", "/not-me"),
        ("POST", "/activate"),
        ("POST", "/login"),
        ("POST", "/password/forgot"),
        ("POST", "/password/reset"),
        ("PATCH", "/users/me"),
        ("PATCH", accounts::ABSENT),
    ] {
        let mut event = Event::new(method, path);
        event.body = Some(" ".repeat(8193));
        let foreign = event.clone().header("origin", "https://evil.example");
        let refused = world.send(&foreign).await;
        refused.is_problem(403, "forbidden");
        given.add(&refused, 403);
        given.add(&world.send(&event).await, 413);
        event.body = Some("{".to_owned());
        given.add(&world.send(&event).await, 415);
        let mut event = event.header("content-type", "application/json");
        given.add(&world.send(&event).await, 400);
        event.body = Some("[]".to_owned());
        given.add(&world.send(&event).await, 422);
        if matches!((method, path), ("PATCH", _) | (_, "/resend" | "/activate")) {
            let body = json!({ "code": "0000", "disabled": true });
            given.add(&world.send(&Event::new(method, path).json(&body)).await, 401);
        }
    }
    assert_eq!((world.count("limits").await, world.ses.asked()), (0, 0));
}

async fn from_sign_up_to_account(given: &mut Given, payload: Payload) {
    let world = world(payload, &[]).await;
    given.add(&world.send(&Event::new("GET", "/health")).await, 200);
    let mut ada = world.person(ADA);
    given.add(&ada.signs_up().await, 202);
    let code = ada.mailed_code();
    for _ in 0..3 {
        given.add(&ada.activates_with(&wrong_code(&code)).await, 403);
    }
    let exhausted = ada.activates_with(&code).await;
    exhausted.is_problem(410, "code-exhausted");
    given.add(&exhausted, 410);
    world.time_passes(61.0).await;
    let expired = ada.activates_with(&code).await;
    expired.is_problem(410, "code-expired");
    given.add(&expired, 410);

    given.add(&ada.resends().await, 202);
    let code = ada.mailed_code();
    given.add(&ada.activates_with(&code).await, 200);
    given.add(&ada.activates_with(&wrong_code(&code)).await, 409);
    given.add(&ada.resends().await, 409);
    given.add(&ada.was_not_me("unknown").await, 204);
}

async fn repeated_sign_ups(given: &mut Given, payload: Payload) {
    let world = world(payload, &[]).await;
    let mut ada = world.person(ADA).sending("idempotency-key", "key");
    let mut again = ada.clone();
    world.ses.is_in_mood(Mood::Holds);
    let (first, ()) = tokio::join!(ada.signs_up(), async {
        world.ses.was_asked(1).await;
        let running = again.signs_up().await;
        running.is_problem(409, "in-progress");
        given.add(&running, 409);
        world.ses.is_in_mood(Mood::HangsUp);
    });
    given.add(&first, 503);
    let reused = ada.clone().with_password("another horse battery").signs_up().await;
    reused.is_problem(422, "idempotency-key-reused");
    given.add(&reused, 422);
    let code = world.ses.attempted()[0].code().expect("a code");
    given.add(&ada.activates_with(&code).await, 200);
    let active = ada.signs_up().await;
    active.is_problem(409, "already-active");
    given.add(&active, 409);
}

async fn limits(given: &mut Given, payload: Payload) {
    let settings = [("ADDRESS_SIGNUPS_PER_DAY", "1"), ("ATTEMPT_PASSWORD_FAILURES", "1")];
    let world = world(payload, &settings).await;
    let mut ada = world.signs_up(ADA).await;
    given.add(&ada.resends().await, 429);
    let stranger = ada.clone().with_password("wrong horse battery");
    given.add(&stranger.activates_with("0000").await, 401);
    given.add(&ada.activates_with("0000").await, 429);
    given.add(&ada.signs_up().await, 429);
    assert_eq!(world.ses.asked(), 1);
}

async fn bugs(given: &mut Given, payload: Payload) {
    let world = world(payload, &[]).await;
    let ada = world.signs_up(ADA).await;
    world.stores_password_hash("$argon2id$typed").await;
    for answer in [ada.activates_with(&ada.mailed_code()).await, ada.resends().await] {
        answer.is_problem(500, "internal-error");
        assert!(!answer.body.to_string().contains("argon2"), "the cause is for the log only");
        given.add(&answer, 500);
    }
    ada.is_still_pending().await;
}

async fn outages(given: &mut Given, payload: Payload) {
    let world = world(payload, &[]).await;
    let mut ada = world.signs_up(ADA).await;
    world.time_passes(31.0).await;
    world.ses.is_in_mood(Mood::HangsUp);
    let unsent = ada.resends().await;
    unsent.is_problem(503, "mail-unavailable");
    given.add(&unsent, 503);

    world.ses.is_in_mood(Mood::Accepts);
    world.hides_column("limits", "taken").await;
    world.hides_column("codes", "not_me_digest").await;
    are_unavailable(given, &mut ada).await;
    world.database.refuses_connections().await;
    are_unavailable(given, &mut ada).await;
    let health = world.send(&Event::new("GET", "/health")).await;
    health.is_problem(503, "database-unavailable");
    given.add(&health, 503);
    assert_eq!(world.count("accounts").await, 1);
}

async fn are_unavailable(given: &mut Given, ada: &mut Person<'_>) {
    let mails = ada.world.ses.asked();
    for answer in [
        ada.signs_up().await,
        ada.resends().await,
        ada.was_not_me("token").await,
        ada.activates_with("0000").await,
        ada.signs_in().await,
        ada.forgets().await,
    ] {
        answer.is_problem(503, "database-unavailable");
        assert!(answer.retry_after() >= 1);
        given.add(&answer, 503);
    }
    assert_eq!(ada.world.ses.asked(), mails);
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    for payload in [Payload::Rest, Payload::Http] {
        let world = world(payload, &[]).await;
        for (path, allowed) in [
            ("/register", "POST"),
            ("/resend", "POST"),
            ("/not-me", "GET, HEAD, POST"),
            ("/activate", "GET, HEAD, POST"),
            ("/health", "GET, HEAD"),
            ("/login", "GET, HEAD, POST"),
            ("/logout", "POST"),
            ("/password/forgot", "POST"),
            ("/password/reset", "POST"),
            ("/users", "GET, HEAD"),
            ("/users/me", "GET, HEAD, PATCH, DELETE"),
            (accounts::ABSENT, "GET, HEAD, PATCH, DELETE"),
        ] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                if !allowed.contains(method) {
                    let answer = world.send(&Event::new(method, path)).await;
                    answer.is_problem(405, "method-not-allowed");
                    assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
                }
            }
        }
        for path in [
            "/",
            "/register/",
            "/Register",
            "/registers",
            "/activate/x",
            "//register",
            "/health%00",
            "/users/",
            "/users/you",
            "/users/00000000000040008000000000000000",
            "/users/00000000-0000-4000-8000-00000000000A/x",
            "/login/",
        ] {
            let event = Event::new("POST", path).json(&json!({ "email": ADA }));
            let event = event.header("authorization", &basic(ADA, "typed"));
            world.send(&event).await.is_problem(404, "not-found");
            for function in ["register", "account"] {
                world.send_to(function, &event).await.is_problem(404, "not-found");
            }
        }
        assert_eq!((world.count("limits").await, world.ses.asked()), (0, 0));
    }
}

#[tokio::test]
async fn a_problem_has_the_members_of_rfc_9457() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    let mut body: Value = ada.activates_with(&wrong_code(&ada.mailed_code())).await.body;
    let request_id = body["request_id"].take();
    assert!(request_id.as_str().is_some_and(|id| id.len() > 10));
    insta::assert_snapshot!(format!("{body:#}"), @r#"
    {
      "attempts_left": 2,
      "code": "code-incorrect",
      "detail": "That code is wrong. Compare it with the newest email.",
      "request_id": null,
      "status": 403,
      "title": "Incorrect code",
      "type": "https://registration.example/docs/problems#code-incorrect"
    }
    "#);
}
