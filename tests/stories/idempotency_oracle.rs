//! Idempotency keys are no secrets: back ends make them of order numbers, proxies log them. A
//! stranger who knows one learns nothing from it, and leaves nothing behind.

use serde_json::json;
use shared::testing::{Event, Mood};
use world::{PASSWORD, Person, World, count, sign_up_body};

const ADA: &str = "ada@example.com";

fn with_key<'w>(world: &'w World, email: &str, key: &str) -> Person<'w> {
    world.person(email).sending("idempotency-key", key)
}

#[tokio::test]
async fn a_known_key_is_no_way_to_guess_the_password_of_its_sign_up() {
    let world = World::new().await;
    with_key(&world, ADA, "order-1").signs_up().await.is(202);
    let stranger = || with_key(&world, ADA, "order-1").from_ip("198.51.100.1");
    for n in 0..10 {
        let guess = stranger().with_password(&format!("horse battery {n}"));
        world.send(&guess.sign_up()).await.is_problem(422, "idempotency-key-reused");
    }
    let rows = world.all_rows().await;
    for password in ["the eleventh guess", PASSWORD] {
        let refused = world.send(&stranger().with_password(password).sign_up()).await;
        refused.is_problem(429, "too-many-requests");
        assert!((1..=60).contains(&refused.retry_after()), "right or wrong, it is not told");
    }
    assert_eq!(world.all_rows().await, rows);
    assert_eq!(world.ses.asked(), 1);

    // The owner is elsewhere, and is answered as before.
    with_key(&world, ADA, "order-1").signs_up().await.is(202);
    assert_eq!(world.ses.asked(), 1);
}

#[tokio::test]
async fn the_guesses_at_a_key_are_wrong_passwords_of_its_address() {
    let world = World::with(&[("ADDRESS_PASSWORD_FAILURES_PER_HOUR", "12")]).await;
    with_key(&world, ADA, "order-1").signs_up().await.is(202);
    for n in 0..12 {
        let stranger = with_key(&world, ADA, "order-1").from_ip(&format!("198.51.100.{n}"));
        let stranger = stranger.with_password("another horse battery");
        world.send(&stranger.sign_up()).await.is_problem(422, "idempotency-key-reused");
    }
    let stranger = with_key(&world, ADA, "order-1").from_ip("203.0.113.1");
    world.send(&stranger.sign_up()).await.is_problem(429, "too-many-requests");
    stranger.unnamed().signs_in().await.is_problem(429, "too-many-requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_guesses_at_a_key_at_once_are_ten() {
    let world = World::new().await;
    with_key(&world, ADA, "order-1").signs_up().await.is(202);
    let stranger = with_key(&world, ADA, "order-1").from_ip("198.51.100.1");
    let events: Vec<Event> = (0..40)
        .map(|n| stranger.clone().with_password(&format!("battery {n}")).sign_up())
        .collect();

    let answers = world.at_once(events).await;

    assert_eq!((count(&answers, 422), count(&answers, 429)), (10, 30));
    assert_eq!((world.count("accounts").await, world.ses.asked()), (1, 1));
}

#[tokio::test]
async fn sign_ups_that_a_limit_refuses_leave_no_row() {
    let world = World::new().await;
    for n in 0..5 {
        with_key(&world, ADA, &format!("order-{n}")).signs_up().await.is(202);
    }
    let rows = world.all_rows().await;
    for n in 5..60 {
        with_key(&world, ADA, &format!("order-{n}")).signs_up().await.is(429);
    }
    assert_eq!(world.all_rows().await, rows);

    // A network that has no sign-up left may name any address.
    let world = World::with(&[("NETWORK_SIGNUPS_PER_HOUR", "1")]).await;
    world.signs_up(ADA).await;
    let limits = world.count("limits").await;
    for n in 0..60 {
        with_key(&world, &format!("person{n}@example.com"), "key").signs_up().await.is(429);
        world.person(&format!("other{n}@example.com")).signs_up().await.is(429);
    }
    assert_eq!((world.count("idempotency_keys").await, world.count("limits").await), (0, limits));
}

#[tokio::test]
async fn the_payload_is_the_body_and_no_header() {
    let world = World::new().await;
    world.ses.is_in_mood(Mood::Fails(500, "InternalServiceErrorException"));
    let english = with_key(&world, ADA, "order-1").sending("accept-language", "en");
    let french = with_key(&world, ADA, "order-1").sending("accept-language", "fr");
    world.send(&english.sign_up()).await.is_problem(503, "mail-unavailable");

    // Another process of the same back end sends it again, with headers of its own.
    world.ses.is_in_mood(Mood::Accepts);
    let first = world.send(&french.sign_up()).await;
    let again = world.send(&english.sign_up()).await;
    assert_eq!(first.is(202)["registration"], again.is(202)["registration"]);
    assert!(english.mails()[0].subject.contains("activation code"), "as it was first asked for");

    let mut named = sign_up_body(ADA, PASSWORD);
    named["locale"] = json!("en");
    let named = english.event("/register").json(&named);
    world.send(&named).await.is_problem(422, "idempotency-key-reused");
    assert_eq!(world.mails_to(ADA).len(), 1);
}

#[tokio::test]
async fn a_repetition_is_answered_though_no_sign_up_is_left() {
    let world = World::with(&[("ADDRESS_SIGNUPS_PER_DAY", "1")]).await;
    let first = with_key(&world, ADA, "order-1").signs_up().await;
    with_key(&world, ADA, "order-2").signs_up().await.is_problem(429, "too-many-requests");
    let again = with_key(&world, ADA, "order-1").signs_up().await;
    assert_eq!(again.is(202)["registration"], first.is(202)["registration"]);
    assert_eq!(world.ses.asked(), 1);
}
