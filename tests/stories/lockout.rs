//! Strangers try to shut an owner out by using up what protects the owner.

use serde_json::json;
use shared::testing::{Answer, Event};
use world::{PASSWORD, World};

const ADA: &str = "ada@example.com";
const NEW: &str = "a new horse battery";

/// Signs in as another address, naming the owner's id, from a network of its own.
async fn names_the_id(world: &World, id: &str, network: u32) -> Answer {
    let mut event = Event::new("POST", "/login").json(&json!({
        "email": "mallory@example.com", "password": "wrong horse battery", "registration": id,
    }));
    event.source_ip = format!("198.51.100.{network}");
    world.send(&event).await
}

#[tokio::test]
async fn an_id_without_its_address_does_not_shut_its_owner_out() {
    let world = World::new().await;
    let pending = world.signs_up("bob@example.com").await;
    let ada = world.has_account(ADA).await;
    let session = ada.visits().await;
    for person in [&ada, &pending] {
        let id = person.registration.as_deref().expect("an id");
        for network in 0..40 {
            let answer = names_the_id(&world, id, network).await;
            assert_eq!(
                answer.status,
                if network < 20 { 401 } else { 429 },
                "limited like any pair"
            );
        }
    }

    ada.signs_in().await.is(200);
    let change = json!({ "password": NEW, "current_password": PASSWORD });
    session.changes(&change).await.is(200);
    pending.activates_with(&pending.mailed_code()).await.is(200);
}

#[tokio::test]
async fn an_id_in_any_spelling_is_one_subject() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let id = ada.registration.clone().expect("an id");
    let spellings = [id.clone(), id.to_uppercase(), id.replace('-', "")];
    let mut wrong = 0;
    for n in 0..36 {
        let mut stranger = ada.clone().with_password("wrong horse battery");
        stranger.registration = Some(spellings[n % 3].clone());
        stranger.email =
            ["ada@example.com", "Ada@Example.com", "ADA@example.com"][n / 3 % 3].to_owned();
        wrong += u32::from(stranger.signs_in().await.status == 401);
    }
    assert_eq!(wrong, 20);
}

#[tokio::test]
async fn wrong_passwords_of_strangers_do_not_count_against_an_owner_who_is_signed_in() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let session = ada.visits().await;
    for n in 0..25 {
        let stranger = ada.clone().with_password("wrong horse battery");
        stranger.from_ip(&format!("198.51.100.{n}")).signs_in().await;
    }
    ada.signs_in().await.is_problem(429, "too-many-requests");
    session.changes(&json!({ "password": NEW, "current_password": PASSWORD })).await.is(200);
}

#[tokio::test]
async fn a_stolen_session_guesses_the_password_twenty_times_an_hour_and_does_not_shut_its_owner_out()
 {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let thief = ada.visits().await;
    let guess = json!({ "password": NEW, "current_password": "wrong horse battery" });
    for _ in 0..20 {
        thief.changes(&guess).await.is_problem(422, "invalid-input");
    }
    thief.changes(&guess).await.is_problem(429, "too-many-requests");
    ada.signs_in().await.is(200);
    ada.clone().unnamed().signs_in().await.is(200);
}

#[tokio::test]
async fn one_network_uses_up_only_a_part_of_the_wrong_passwords_of_an_address() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await.unnamed();
    let stranger = ada.clone().with_password("wrong horse battery").from_ip("198.51.100.1");
    let mut wrong = 0;
    for _ in 0..10 {
        for _ in 0..12 {
            wrong += u32::from(stranger.signs_in().await.status == 401);
        }
        world.time_passes(61.0).await;
    }
    assert_eq!(wrong, 20, "of the hundred that the address has in an hour");
    stranger.signs_in().await.is_problem(429, "too-many-requests");

    // The owner comes from elsewhere, or waits for the hour to end.
    ada.signs_in().await.is(200);
    ada.activates_with("0000").await.is_problem(409, "already-active");
    world.time_passes(3601.0).await;
    stranger.with_password(PASSWORD).signs_in().await.is(200);
}

#[tokio::test]
async fn one_network_uses_up_only_a_part_of_the_links_of_an_address() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let stranger = ada.clone().from_ip("198.51.100.1");
    // The sign-up was one of the mails that the address gets in a day.
    for _ in 0..5 {
        stranger.forgets().await.is(202);
    }
    stranger.forgets().await.is_problem(429, "too-many-requests");
    ada.forgets().await.is(202);
}
