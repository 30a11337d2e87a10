//! The secret key is rotated while codes are alive.

use std::time::{Duration, Instant};

use account::AccountApp;
use activate::ActivateApp;
use serde_json::json;
use shared::{
    process::{Environment, SettingError},
    testing::{Answer, Event, FakeSecretsManager},
};
use world::{KEY, PASSWORD, World};

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-key";

/// A token whose header names the key `third`.
const UNKNOWN_KEY: &str = "Bearer eyJhbGciOiJIUzI1NiIsImtpZCI6InRoaXJkIn0.e30.AAAA";

/// Another key.
const NEW_KEY: &str = "second:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

#[tokio::test]
async fn a_code_outlives_the_rotation_of_the_key_that_signed_it() {
    let both = format!("{KEY},{NEW_KEY}");
    let moved = format!("{NEW_KEY},{KEY}");
    let mut world = World::new().await;

    let code = world.signs_up("added@example.com").await.mailed_code();
    let ada = world.signs_up("moved@example.com").await;
    let (moved_code, moved_attempt) = (ada.mailed_code(), ada.registration.clone());

    // Added: it verifies, and does not sign yet.
    world.is_deployed_with(&[("SECRET_KEY", &both)]);
    let mut bob = world.person("added@example.com");
    bob.activates_with(&code).await.is(200);
    bob.email = "signed-by-old@example.com".to_owned();
    bob.signs_up().await.is(202);
    let (old_code, old_attempt) = (bob.mailed_code(), bob.registration.clone());

    // Moved first: from now on it signs; what the old one signed still counts.
    world.is_deployed_with(&[("SECRET_KEY", &moved)]);
    let mut ada = world.person("moved@example.com");
    ada.registration = moved_attempt;
    ada.activates_with(&moved_code).await.is(200);
    let cleo = world.signs_up("signed-by-new@example.com").await;
    let (new_code, new_attempt) = (cleo.mailed_code(), cleo.registration.clone());
    assert_eq!(world.codes_signed_by("second").await, 1);

    // Dropped: what the old one signed is a wrong code, what the new one signed is right.
    world.is_deployed_with(&[("SECRET_KEY", NEW_KEY)]);
    let mut bob = world.person("signed-by-old@example.com");
    bob.registration = old_attempt;
    bob.activates_with(&old_code).await.is_problem(403, "code-incorrect");
    bob.is_still_pending().await;
    let mut cleo = world.person("signed-by-new@example.com");
    cleo.registration = new_attempt;
    cleo.activates_with(&new_code).await.is(200);
    assert_eq!(world.active_accounts().await, 3);
}

#[tokio::test]
async fn an_idempotency_key_outlives_a_rotation() {
    let mut world = World::new().await;
    let first = world.person("ada@example.com").sending("idempotency-key", "k").signs_up().await;
    world.is_deployed_with(&[("SECRET_KEY", &format!("{NEW_KEY},{KEY}"))]);

    let again = world.person("ada@example.com").sending("idempotency-key", "k").signs_up().await;
    assert_eq!(again.is(202)["registration"], first.is(202)["registration"]);
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn a_session_outlives_the_rotation_of_the_key_that_signed_it() {
    let mut world = World::new().await;
    let old = world.visitor("ada@example.com").await.token;
    world.is_deployed_with(&[("SECRET_KEY", &format!("{NEW_KEY},{KEY}"))]);
    reads(&world, &old).await.is(200);
    let new = world.person("ada@example.com").visits().await.token;
    world.is_deployed_with(&[("SECRET_KEY", NEW_KEY)]);
    reads(&world, &old).await.is_problem(401, "invalid-credentials");
    reads(&world, &new).await.is(200);
}

async fn reads(world: &World, token: &str) -> Answer {
    let event = Event::new("GET", "/users/me");
    world.send(&event.header("authorization", &format!("Bearer {token}"))).await
}

#[tokio::test]
async fn a_function_that_a_rotation_has_passed_by_knows_a_new_session_at_once() {
    let mut world = World::new().await;
    let secrets = FakeSecretsManager::holding(KEY).await;
    let account = account_with(&world, &secrets).await;

    let both = format!("{NEW_KEY},{KEY}");
    secrets.holds(&both);
    world.is_deployed_with(&[("SECRET_KEY", &both)]);
    let me = world.visitor("ada@example.com").await.event("GET", "/users/me", None);
    for _ in 0..2 {
        let answer = me.send_to(&account, world.payload).await;
        Answer::to(&me, &answer).is(200);
        assert_eq!(secrets.asked(), 2, "at its start, and once more");
    }
    // A caller that makes up keys cannot make it ask more often than every half a minute.
    let event = Event::new("GET", "/users/me").header("authorization", UNKNOWN_KEY);
    for _ in 0..3 {
        let answer = event.send_to(&account, world.payload).await;
        Answer::to(&event, &answer).is_problem(401, "invalid-credentials");
    }
    assert_eq!(secrets.asked(), 2);
}

/// Starts the function that activates with a secret from Secrets Manager.
async fn activate_with(world: &World, secrets: &FakeSecretsManager) -> ActivateApp {
    let environment = environment_of(world, "activate");
    ActivateApp::start(&environment, &secrets.sdk_config()).await.expect("the settings are right")
}

#[tokio::test]
async fn a_function_that_a_rotation_has_passed_by_reads_the_secret_again() {
    let mut world = World::new().await;
    let secrets = FakeSecretsManager::holding(KEY).await;
    let activate = activate_with(&world, &secrets).await;
    let eve = world.signs_up("eve@example.com").await;
    eve.activates_at(&activate, &eve.mailed_code()).await.is(200);
    assert_eq!(secrets.asked(), 1, "once, at its start");

    let both = format!("{NEW_KEY},{KEY}");
    secrets.holds(&both);
    world.is_deployed_with(&[("SECRET_KEY", &both)]);
    let ada = world.signs_up("ada@example.com").await;
    let code = ada.mailed_code();
    // A caller that does not know the password learns nothing, and makes no function ask.
    let stranger = ada.clone().with_password("wrong horse battery");
    stranger.activates_at(&activate, &code).await.is_problem(401, "invalid-credentials");
    assert_eq!(secrets.asked(), 1);

    ada.activates_at(&activate, &code).await.is(200);
    assert_eq!(secrets.asked(), 2);
    let bob = world.signs_up("bob@example.com").await;
    let code = bob.mailed_code();
    bob.unnamed().activates_at(&activate, &code).await.is(200);
    assert_eq!(secrets.asked(), 2, "now it knows the key");
}

#[tokio::test]
async fn a_key_that_was_taken_away_signs_nothing_after_five_minutes() {
    let world = World::new().await;
    let secrets = FakeSecretsManager::holding(KEY).await;
    let account = account_with(&world, &secrets).await;
    let ada = world.has_account("ada@example.com").await;
    let body = json!({ "email": ada.email, "password": PASSWORD });
    let event = Event::new("POST", "/login").json(&body);
    let signer = async || {
        let answer = event.send_to(&account, world.payload).await;
        let token = Answer::to(&event, &answer).is(200)["access_token"].clone();
        let header = jsonwebtoken::decode_header(token.as_str().expect("a token"));
        header.expect("a JWT").kid.expect("it names its key")
    };
    // It has leaked: an operator puts a new one alone.
    secrets.holds(NEW_KEY);
    assert_ne!(signer().await, "second", "the function knows the key it has started with");
    assert_eq!(secrets.asked(), 1);

    passes(Duration::from_mins(5)).await;
    assert_eq!(signer().await, "second");
    assert_eq!(signer().await, "second");
    assert_eq!(secrets.asked(), 2, "once in five minutes");
}

/// Moves the clock of this process.
async fn passes(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// The settings of a function that reads its key from Secrets Manager.
fn environment_of(world: &World, function: &str) -> Environment {
    let mut variables = world.variables_of(function);
    variables.remove("SECRET_KEY");
    variables.insert("SECRET_KEY_ARN".to_owned(), ARN.to_owned());
    Environment::of(&variables)
}

/// Starts the function that signs sessions with a secret from Secrets Manager.
async fn account_with(world: &World, secrets: &FakeSecretsManager) -> AccountApp {
    let environment = environment_of(world, "account");
    AccountApp::start(&environment, &secrets.sdk_config()).await.expect("the settings are right")
}

#[tokio::test]
async fn the_secret_is_read_again_at_most_every_thirty_seconds() {
    let mut world = World::new().await;
    let secrets = FakeSecretsManager::holding(KEY).await;
    let activate = activate_with(&world, &secrets).await;
    // Signed with a key that Secrets Manager has never heard of.
    world.is_deployed_with(&[("SECRET_KEY", NEW_KEY)]);
    let ada = world.signs_up("ada@example.com").await;

    for _ in 0..2 {
        let answer = ada.activates_at(&activate, &ada.mailed_code()).await;
        answer.is_problem(403, "code-incorrect");
    }
    assert_eq!(secrets.asked(), 2, "at its start, and once more");
}

#[tokio::test]
async fn while_the_secret_cannot_be_read_the_known_keys_go_on() {
    let mut world = World::new().await;
    let secrets = FakeSecretsManager::holding(KEY).await;
    let activate = activate_with(&world, &secrets).await;
    let bob = world.signs_up("bob@example.com").await;
    let (bobs_code, bobs_attempt) = (bob.mailed_code(), bob.registration.clone());
    world.is_deployed_with(&[("SECRET_KEY", NEW_KEY)]);
    let ada = world.signs_up("ada@example.com").await;

    secrets.falls_silent();
    let started = Instant::now();
    let answer = ada.activates_at(&activate, &ada.mailed_code()).await;
    answer.is_problem(403, "code-incorrect");
    assert!(started.elapsed() < Duration::from_secs(4), "it took {:?}", started.elapsed());
    ada.is_still_pending().await;
    let mut bob = world.person("bob@example.com");
    bob.registration = bobs_attempt;
    bob.activates_at(&activate, &bobs_code).await.is(200);
}

#[tokio::test]
async fn a_function_without_a_readable_secret_does_not_start() {
    let world = World::new().await;
    let secrets = FakeSecretsManager::holding("not a key").await;
    let mut variables = world.variables_of("activate");
    variables.insert("SECRET_KEY_ARN".to_owned(), "arn".to_owned());
    let environment = Environment::of(&variables);
    let why =
        |started: Result<ActivateApp, SettingError>| started.err().expect("it stops").to_string();

    let started = ActivateApp::start(&environment, &secrets.sdk_config()).await;
    assert!(why(started).starts_with("SECRET_KEY_ARN cannot be read"));
    secrets.falls_silent();
    let before = Instant::now();
    let started = ActivateApp::start(&environment, &secrets.sdk_config()).await;
    assert_eq!(why(started), "SECRET_KEY_ARN cannot be read from Secrets Manager: no answer");
    assert!(before.elapsed() < Duration::from_secs(4), "it took {:?}", before.elapsed());
}
