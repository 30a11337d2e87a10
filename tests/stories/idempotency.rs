//! The same sign-up sent twice.

use futures_util::future::join_all;
use shared::testing::Mood;
use world::{Moment, PASSWORD, Person, World, sign_up_body};

const ADA: &str = "ada@example.com";

fn with_key<'w>(world: &'w World, email: &str, key: &str) -> Person<'w> {
    world.person(email).sending("idempotency-key", key)
}

async fn accounts_codes_and_keys(world: &World) -> [i64; 3] {
    [
        world.count("accounts").await,
        world.count("codes").await,
        world.count("idempotency_keys").await,
    ]
}

#[tokio::test]
async fn a_sign_up_sent_again_is_answered_again_and_does_nothing() {
    let world = World::new().await;
    let mut ada = with_key(&world, ADA, "key");
    let first = ada.signs_up().await;
    let rows = world.all_rows().await;

    let again = ada.signs_up().await;
    let members = |answer: &shared::testing::Answer| {
        ["registration", "email", "expires_at"].map(|name| answer.body[name].clone())
    };
    assert_eq!(members(&again), members(&first));
    assert!((1..=60).contains(&again.is(202)["expires_in"].as_u64().unwrap()));
    assert!((1..=30).contains(&again.body["resend_in"].as_u64().unwrap()));
    let spelled_otherwise = with_key(&world, " ADA@Example.com ", "key").signs_up().await;
    assert_eq!(members(&spelled_otherwise), members(&first), "the same address");
    assert_eq!(world.all_rows().await, rows);
    assert_eq!(world.places_taken().await, 3);
    assert_eq!(world.ses.asked(), 1);

    world.time_passes(61.0).await;
    let later = ada.signs_up().await;
    assert_eq!(later.is(202)["registration"], first.body["registration"]);
    assert_eq!((&later.body["expires_in"], &later.body["resend_in"]), (&0.into(), &0.into()));
    ada.resends().await.is(202);
    assert_eq!(world.ses.asked(), 2);
}

#[tokio::test]
async fn a_key_is_not_for_another_payload() {
    let world = World::new().await;
    with_key(&world, ADA, "key").signs_up().await.is(202);
    let mut in_french = sign_up_body(ADA, PASSWORD);
    in_french["locale"] = "fr".into();
    let in_french = with_key(&world, ADA, "key").event("/register").json(&in_french);
    let other_password = with_key(&world, ADA, "key").with_password("another horse battery");
    let places = world.places_taken().await;
    for event in [other_password.sign_up(), in_french] {
        world.send(&event).await.is_problem(422, "idempotency-key-reused");
    }
    assert_eq!(world.places_taken().await, places + 6, "as much as two wrong passwords");
    assert_eq!((accounts_codes_and_keys(&world).await, world.ses.asked()), ([1, 1, 1], 1));

    with_key(&world, ADA, "other").with_password("another horse battery").signs_up().await.is(202);
    let mut bob = with_key(&world, "bob@example.com", "key");
    bob.signs_up().await.is(202);
    with_key(&world, "ada+x@example.com", "key").signs_up().await.is(202);
    assert_eq!(accounts_codes_and_keys(&world).await, [4, 4, 4], "every address has its own keys");
    assert_eq!(world.ses.asked(), 4);
}

#[tokio::test]
async fn ten_at_once_open_one_attempt() {
    let world = World::new().await;
    let instances = world.instances(10).await;
    for round in 0..5 {
        let email = format!("ada{round}@example.com");
        let ada = with_key(&world, &email, "key");
        let answers = join_all(instances.iter().map(|instance| ada.signs_up_at(instance))).await;

        let accepted: Vec<_> = answers.iter().filter(|answer| answer.status == 202).collect();
        assert!(!accepted.is_empty());
        for answer in &accepted {
            assert_eq!(answer.body["registration"], accepted[0].body["registration"]);
            assert_eq!(answer.body["expires_at"], accepted[0].body["expires_at"]);
        }
        for answer in answers.iter().filter(|answer| answer.status != 202) {
            answer.is_problem(409, "in-progress");
        }
        assert_eq!(ada.mails().len(), 1);
    }
    assert_eq!(accounts_codes_and_keys(&world).await, [5, 5, 5]);
    assert_eq!((world.ses.asked(), world.places_taken().await), (5, 15));
}

#[tokio::test]
async fn while_the_first_is_at_work_the_second_is_told_so() {
    let world = World::new().await;
    let ada = with_key(&world, ADA, "key");
    world.ses.is_in_mood(Mood::Holds);
    let [first, second] = &world.instances(2).await[..] else { unreachable!("two") };
    let (answer, ()) = tokio::join!(ada.signs_up_at(first), async {
        world.ses.was_asked(1).await;
        let rows = world.all_rows().await;
        ada.signs_up_at(second).await.is_problem(409, "in-progress");
        assert_eq!(world.all_rows().await, rows);
        world.ses.is_in_mood(Mood::Accepts);
    });
    let again = ada.signs_up_at(second).await;
    assert_eq!(again.is(202)["expires_at"], answer.is(202)["expires_at"]);
    assert_eq!((world.ses.asked(), world.count("accounts").await), (1, 1));
}

#[tokio::test]
async fn after_a_refused_mail_it_opens_another_attempt() {
    let world = World::new().await;
    let mut ada = with_key(&world, ADA, "key");
    world.ses.is_in_mood(Mood::Fails(400, "MessageRejected"));
    ada.signs_up().await.is_problem(503, "mail-unavailable");
    ada.signs_up().await.is_problem(503, "mail-unavailable");
    assert_eq!(world.places_taken().await, 0, "given back");

    world.ses.is_in_mood(Mood::Accepts);
    let accepted = ada.signs_up().await;
    assert_eq!(accepted.is(202)["expires_in"], 60);
    assert_eq!(accounts_codes_and_keys(&world).await, [1, 1, 1]);
    assert_eq!(world.places_taken().await, 3, "taken anew");
    assert_eq!(ada.mails().len(), 1);
    assert_eq!(ada.signs_up().await.is(202)["expires_at"], accepted.body["expires_at"]);
    assert_eq!(ada.mails().len(), 1);

    let void = world.ses.attempted()[0].code().unwrap();
    let code = ada.mailed_code();
    if void != code {
        ada.activates_with(&void).await.is_problem(403, "code-incorrect");
    }
    ada.activates_with(&code).await.is(200);
}

#[tokio::test]
async fn after_an_unknown_fate_it_sends_again_without_another_place() {
    let world = World::new().await;
    let mut ada = with_key(&world, ADA, "key");
    world.ses.is_in_mood(Mood::Fails(500, "InternalServiceErrorException"));
    for _ in 0..2 {
        ada.signs_up().await.is_problem(503, "mail-unavailable");
        assert_eq!(world.places_taken().await, 3, "the mail may have arrived: its place is kept");
    }
    let asked = world.ses.asked();
    world.ses.is_in_mood(Mood::Accepts);
    ada.signs_up().await.is(202);
    assert_eq!(world.places_taken().await, 3);
    assert_eq!(accounts_codes_and_keys(&world).await, [1, 3, 1]);
    assert_eq!((ada.mails().len(), world.ses.asked()), (1, asked + 1));

    let mut another = world.person(ADA);
    another.signs_up().await.is(202);
    assert_eq!(world.count("accounts").await, 2);
    ada.activates_with(&world.ses.attempted()[0].code().unwrap()).await.is(200);
}

#[tokio::test]
async fn once_the_mail_that_failed_has_activated_it_there_is_nothing_to_send() {
    let world = World::new().await;
    let mut ada = with_key(&world, ADA, "key");
    world.ses.is_in_mood(Mood::HangsUp);
    ada.signs_up().await.is_problem(503, "mail-unavailable");
    ada.activates_with(&world.ses.attempted()[0].code().unwrap()).await.is(200);

    world.ses.is_in_mood(Mood::Accepts);
    let codes = world.count("codes").await;
    ada.signs_up().await.is_problem(409, "already-active");
    ada.signs_up().await.is_problem(409, "already-active");
    assert_eq!((world.count("codes").await, world.ses.mails().len()), (codes, 0));
}

#[tokio::test]
async fn after_a_limit_the_key_is_free() {
    let world = World::with(&[("ADDRESS_SIGNUPS_PER_DAY", "1")]).await;
    world.signs_up(ADA).await;
    let mut ada = with_key(&world, ADA, "key");
    ada.signs_up().await.is_problem(429, "too-many-requests");
    ada.signs_up().await.is_problem(429, "too-many-requests");
    assert_eq!((world.count("accounts").await, world.places_taken().await), (1, 3));

    world.time_passes(86_401.0).await;
    let accepted = ada.signs_up().await;
    let again = ada.signs_up().await;
    assert_eq!(again.is(202)["expires_at"], accepted.is(202)["expires_at"]);
    assert_eq!((world.count("accounts").await, world.ses.asked()), (2, 2));
}

#[tokio::test]
async fn a_key_is_forgotten_after_twenty_four_hours() {
    let world = World::with(&[("ADDRESS_SIGNUPS_PER_DAY", "0")]).await;
    let mut ada = with_key(&world, ADA, "key");
    let first = ada.signs_up().await;
    world.time_passes_until(Moment::KeyEnds, -1.0).await;
    assert_eq!(ada.signs_up().await.is(202)["registration"], first.is(202)["registration"]);
    let mut other = with_key(&world, ADA, "key").with_password("another horse battery");
    other.signs_up().await.is_problem(422, "idempotency-key-reused");
    assert_eq!(world.ses.asked(), 1);

    world.time_passes_until(Moment::KeyEnds, 1.0).await;
    let second = other.signs_up().await;
    assert_ne!(second.is(202)["registration"], first.body["registration"]);
    let again = other.signs_up().await;
    assert_eq!(again.is(202)["registration"], second.body["registration"]);
    ada.signs_up().await.is_problem(422, "idempotency-key-reused");
    assert_eq!(accounts_codes_and_keys(&world).await, [2, 2, 1]);
    assert_eq!(world.ses.asked(), 2);
}

#[tokio::test]
async fn a_key_is_one_to_sixty_four_visible_characters() {
    let world = World::new().await;
    let rows = world.all_rows().await;
    let long = "k".repeat(65);
    for (key, reason) in [
        ("", "empty"),
        (long.as_str(), "65 characters"),
        ("two words", "a space"),
        (" ", "nothing but a space"),
        ("tab\tbed", "a tab"),
        ("clé", "not ASCII"),
    ] {
        let refused = with_key(&world, ADA, key).signs_up().await;
        let error = &refused.is_problem(422, "invalid-input")["errors"][0];
        assert_eq!(error["code"], "idempotency-key-invalid", "{reason}");
    }
    assert_eq!((world.all_rows().await, world.ses.asked()), (rows, 0));

    for key in ["k", &"k".repeat(64), r##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##] {
        with_key(&world, ADA, key).signs_up().await.is(202);
    }
    assert_eq!(accounts_codes_and_keys(&world).await, [3, 3, 3]);
}

#[tokio::test]
async fn a_crashed_request_is_taken_over() {
    let world = World::new().await;
    let mut ada = with_key(&world, ADA, "key");
    world.ses.is_in_mood(Mood::Holds);
    // The function dies while SES has the mail: nothing after the first commit happens.
    tokio::select! {
        _ = ada.signs_up() => unreachable!("SES holds the mail"),
        () = world.ses.was_asked(1) => {}
    }
    world.ses.is_in_mood(Mood::Accepts);
    world.time_passes_until(Moment::ClaimEnds, -1.0).await;
    ada.signs_up().await.is_problem(409, "in-progress");
    world.time_passes_until(Moment::ClaimEnds, 1.0).await;
    let cooling = ada.signs_up().await;
    cooling.is_problem(429, "too-many-requests");
    assert!(cooling.retry_after() <= 10, "its mail may have arrived, so the cooldown holds");

    world.time_passes_until(Moment::NextMail, 1.0).await;
    let accepted = ada.signs_up().await;
    assert_eq!(ada.signs_up().await.is(202)["expires_at"], accepted.is(202)["expires_at"]);
    assert_eq!(accounts_codes_and_keys(&world).await, [1, 2, 1]);
    assert_eq!(world.places_taken().await, 3);
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

#[tokio::test]
async fn a_request_that_crashed_before_it_opened_anything_is_taken_over() {
    let world = World::new().await;
    let mut ada = with_key(&world, ADA, "key");
    ada.signs_up().await.is(202);
    world.forgets_all_but_the_key().await;
    ada.signs_up().await.is(202);
    assert_eq!(accounts_codes_and_keys(&world).await, [1, 1, 1]);
    assert_eq!(world.ses.asked(), 2);
}
