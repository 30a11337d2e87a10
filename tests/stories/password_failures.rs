//! How often a caller may be wrong about a password.

use uuid::Uuid;
use world::{Moment, Person, World};

const ADA: &str = "ada@example.com";
const WRONG: &str = "wrong horse battery";

/// Wrong: refused, without a mail, and nothing of the account has changed.
async fn fails(person: &Person<'_>) {
    person
        .clone()
        .with_password(WRONG)
        .activates_with("0000")
        .await
        .is_problem(401, "invalid-credentials");
}

async fn is_limited(person: &Person<'_>) -> u32 {
    let rows = person.world.all_rows().await;
    let answer = person.activates_with("0000").await;
    answer.is_problem(429, "too-many-requests");
    assert_eq!(person.world.all_rows().await, rows, "a refused call takes nothing");
    answer.retry_after()
}

#[tokio::test]
async fn a_network_is_wrong_ten_times_a_minute() {
    // The only other limit with ten places that is used here.
    let world = World::with(&[("ADDRESS_SIGNUPS_PER_DAY", "0")]).await;
    let ada = world.has_account(ADA).await;
    let places = world.places_taken().await;
    let stranger = |n: u32| world.person(&format!("person{n}@example.com"));
    for n in 0..9 {
        fails(&stranger(n)).await;
    }
    fails(&ada.clone().unnamed()).await;
    assert_eq!(
        world.places_taken().await,
        places + 30,
        "one of the network, one of the address, one of both"
    );

    world.time_passes_until(Moment::PlaceIsFree(10, "1 minute"), -1.0).await;
    assert_eq!(is_limited(&stranger(10)).await, 1);
    assert_eq!(is_limited(&ada.clone().unnamed()).await, 1, "the right password is not looked at");
    assert_eq!(ada.resends().await.status, 409, "a caller that names the attempt is not concerned");
    fails(&stranger(11).from_ip("198.51.100.1")).await;

    world.time_passes_until(Moment::PlaceIsFree(10, "1 minute"), 1.0).await;
    fails(&stranger(12)).await;
    assert_eq!((world.ses.asked(), world.active_accounts().await), (1, 1));
    assert_eq!(world.counted_on_codes().await, 0);
}

#[tokio::test]
async fn passwords_for_an_address_are_wrong_a_hundred_times_an_hour() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    let from = |network: u32| ada.clone().unnamed().from_ip(&format!("198.51.100.{network}"));
    for n in 0..100 {
        fails(&from(n / 10)).await;
    }
    world.time_passes_until(Moment::PlaceIsFree(100, "1 hour"), -1.0).await;
    assert_eq!(is_limited(&from(50)).await, 1);
    let mut tagged = from(51);
    "Ada+Tag@example.com".clone_into(&mut tagged.email);
    assert_eq!(is_limited(&tagged).await, 1, "the mailbox counts");
    fails(&world.person("bob@example.com").from_ip("198.51.100.50")).await;
    ada.is_still_pending().await;

    // Strangers cannot lock out the caller that names the attempt.
    world.time_passes_until(Moment::NextMail, 1.0).await;
    ada.resends().await.is(202);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    assert_eq!(world.ses.asked(), 2);
}

#[tokio::test]
async fn after_the_hour_passwords_for_an_address_may_be_wrong_again() {
    let world = World::with(&[("ADDRESS_PASSWORD_FAILURES_PER_HOUR", "3")]).await;
    let stranger = |network: u32| world.person(ADA).from_ip(&format!("198.51.100.{network}"));
    for n in 0..3 {
        fails(&stranger(n)).await;
    }
    world.time_passes_until(Moment::PlaceIsFree(3, "1 hour"), -1.0).await;
    assert_eq!(is_limited(&stranger(3)).await, 1, "also when no account has this address");
    world.time_passes_until(Moment::PlaceIsFree(3, "1 hour"), 1.0).await;
    fails(&stranger(4)).await;
    assert_eq!((world.ses.asked(), world.count("accounts").await), (0, 0));
}

#[tokio::test]
async fn the_password_of_an_attempt_is_wrong_twenty_times_an_hour_wherever_from() {
    for is_known in [true, false] {
        let world = World::new().await;
        let ada = world.signs_up(ADA).await;
        let mut person = ada.clone();
        if !is_known {
            person.registration = Some(Uuid::new_v4().to_string());
        }
        let from = |n: u32| person.clone().from_ip(&format!("198.51.100.{n}"));
        let places = world.places_taken().await;
        for n in 0..20 {
            fails(&from(n)).await;
        }
        assert_eq!(world.places_taken().await, places + 20, "no other limit has counted");
        world.time_passes_until(Moment::PlaceIsFree(20, "1 hour"), -1.0).await;
        assert_eq!(is_limited(&from(21)).await, 1);
        world.time_passes_until(Moment::PlaceIsFree(20, "1 hour"), 1.0).await;
        fails(&from(22)).await;
        assert_eq!(world.ses.asked(), 1);
        ada.is_still_pending().await;
    }
}

#[tokio::test]
async fn the_wrong_passwords_of_one_attempt_are_nothing_to_another() {
    let world = World::with(&[("ATTEMPT_PASSWORD_FAILURES", "2")]).await;
    let (first, second) = (world.signs_up(ADA).await, world.signs_up(ADA).await);
    fails(&first).await;
    first.clone().with_password(WRONG).resends().await.is_problem(401, "invalid-credentials");
    is_limited(&first).await;
    first.resends().await.is_problem(429, "too-many-requests");

    second.activates_with(&second.mailed_code()).await.is(200);
    assert_eq!(world.ses.asked(), 2);
}

#[tokio::test]
async fn the_right_password_costs_nothing() {
    let world = World::with(&[("CODE_GUESSES", "0"), ("ADDRESS_GUESSES_PER_DAY", "0")]).await;
    let ada = world.has_account(ADA).await;
    let code = ada.mailed_code();
    let rows = world.all_rows().await;
    for _ in 0..30 {
        ada.activates_with(&code).await.is(200);
        ada.clone().unnamed().activates_with(&code).await.is(200);
        ada.resends().await.is_problem(409, "already-active");
    }
    assert_eq!(world.all_rows().await, rows, "every place was given back");

    let bob = world.signs_up("bob@example.com").await;
    let rows = world.all_rows().await;
    for _ in 0..30 {
        bob.resends().await.is_problem(429, "too-many-requests");
        bob.clone().unnamed().resends().await.is_problem(429, "too-many-requests");
    }
    assert_eq!(world.all_rows().await, rows, "not even a resend that came too early costs one");
    bob.activates_with(&bob.mailed_code()).await.is(200);
    assert_eq!(world.ses.asked(), 2);
}

#[tokio::test]
async fn zero_turns_each_limit_off() {
    let settings = |network, address, attempt| {
        [
            ("NETWORK_PASSWORD_FAILURES_PER_MINUTE", network),
            ("ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR", "0"),
            ("ADDRESS_PASSWORD_FAILURES_PER_HOUR", address),
            ("ATTEMPT_PASSWORD_FAILURES", attempt),
        ]
    };
    let mut world = World::with(&settings("0", "0", "0")).await;
    let ada = world.signs_up(ADA).await;
    let registration = ada.registration.clone();
    let places = world.places_taken().await;
    for _ in 0..25 {
        fails(&ada).await;
        fails(&ada.clone().unnamed()).await;
    }
    assert_eq!(world.places_taken().await, places);

    for (limits, is_named) in [
        (settings("1", "0", "0"), false),
        (settings("0", "1", "0"), false),
        (settings("0", "0", "1"), true),
    ] {
        world.is_deployed_with(&limits);
        let mut ada = world.person(ADA);
        ada.registration.clone_from(&registration);
        fails(&if is_named { ada.clone() } else { ada.clone().unnamed() }).await;
        is_limited(&if is_named { ada.clone() } else { ada.clone().unnamed() }).await;
        fails(&if is_named { ada.unnamed() } else { ada }).await;
    }
}
