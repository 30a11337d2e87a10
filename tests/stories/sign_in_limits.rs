//! How often a caller may be wrong when signing in: the limits of every call with a password.

use serde_json::json;
use shared::testing::Event;
use world::{PASSWORD, Person, World, count};

const ADA: &str = "ada@example.com";

async fn fails(person: &Person<'_>) {
    let stranger = person.clone().with_password("wrong horse battery");
    stranger.signs_in().await.is_problem(401, "invalid-credentials");
}

#[tokio::test]
async fn the_limits_of_network_and_address_hold_and_a_caller_that_names_the_attempt_is_not_concerned()
 {
    let world = World::with(&[("ADDRESS_PASSWORD_FAILURES_PER_HOUR", "12")]).await;
    let ada = world.has_account(ADA).await;
    let places = world.places_taken().await;
    for _ in 0..10 {
        fails(&ada.clone().unnamed()).await;
    }
    let limited = ada.clone().unnamed().signs_in().await;
    limited.is_problem(429, "too-many-requests");
    assert!((1..=60).contains(&limited.retry_after()));
    for _ in 0..2 {
        fails(&ada.clone().unnamed().from_ip("198.51.100.1")).await;
    }
    let elsewhere = ada.clone().unnamed().from_ip("203.0.113.1");
    assert!(elsewhere.signs_in().await.retry_after() > 3500, "the address's hour");
    assert_eq!(world.places_taken().await, places + 10 + 12 + 12 + 2);
    ada.signs_in().await.is(200);
    // The limits are the same ones: what is used up here is used up there.
    ada.clone().unnamed().activates_with("0000").await.is_problem(429, "too-many-requests");
}

#[tokio::test]
async fn an_attempt_is_guessed_twenty_times_an_hour_by_those_who_name_it() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    for n in 0..20 {
        fails(&ada.clone().from_ip(&format!("198.51.100.{n}"))).await;
    }
    assert!(ada.signs_in().await.retry_after() > 3500);
    ada.clone().unnamed().signs_in().await.is(200);
    world.time_passes(3601.0).await;
    ada.signs_in().await.is(200);
}

#[tokio::test]
async fn a_person_imported_with_a_hash_signs_in_with_its_password() {
    let world = World::new().await;
    let params = argon2::Params::new(64, 1, 2, Some(32)).expect("within bounds");
    let hash = argon2_of(argon2::Algorithm::Argon2id, params, "7 chars");
    let imported = world.imports(json!([{ "email": ADA, "password_hash": hash }])).await;
    assert_eq!(imported["imported"], 1);
    // Rules for new passwords do not apply to one that exists.
    let ada = world.person(ADA).with_password("7 chars");
    fails(&ada).await;
    ada.visits().await.reads_itself().await.is(200);
}

#[tokio::test]
async fn a_right_password_takes_no_place() {
    let world = World::with(&[("NETWORK_PASSWORD_FAILURES_PER_MINUTE", "2")]).await;
    let ada = world.has_account(ADA).await.unnamed();
    let places = world.places_taken().await;
    for _ in 0..3 {
        ada.signs_in().await.is(200);
        ada.signs_in_with_a_form().await.is(200);
    }
    assert_eq!(world.places_taken().await, places);
}

#[tokio::test]
async fn a_password_that_was_hashed_with_less_work_is_hashed_anew_when_it_was_right() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let fresh = world.password_hash().await;
    ada.signs_in().await.is(200);
    assert_eq!(world.password_hash().await, fresh, "nothing to do");

    // Argon2i, of the same password.
    let params = argon2::Params::new(8, 1, 1, Some(32)).expect("within bounds");
    let weaker = argon2_of(argon2::Algorithm::Argon2i, params, PASSWORD);
    assert!(weaker.starts_with("$argon2i$"), "{weaker}");
    world.stores_password_hash(&weaker).await;
    let session = ada.visits().await;
    fails(&ada).await;
    assert!(world.password_hash().await.starts_with("$argon2id$"));
    session.reads_itself().await.is(200);
    ada.signs_in().await.is(200);

    // A wrong password changes nothing, and of many right ones at once each gets in.
    world.stores_password_hash(&weaker).await;
    fails(&ada).await;
    assert_eq!(world.password_hash().await, weaker);
    let body = json!({ "email": ADA, "password": PASSWORD });
    let answers = world.at_once(vec![Event::new("POST", "/login").json(&body); 9]).await;
    assert_eq!(count(&answers, 200), 9);
    assert!(world.password_hash().await.starts_with("$argon2id$"));
}

fn argon2_of(algorithm: argon2::Algorithm, params: argon2::Params, password: &str) -> String {
    let argon2 = argon2::Argon2::new(algorithm, argon2::Version::V0x13, params);
    let hash = argon2::PasswordHasher::hash_password(&argon2, password.as_bytes());
    hash.expect("a hash").to_string()
}
