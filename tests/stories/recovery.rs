//! A person has forgotten the password.

use serde_json::json;
use shared::testing::{Event, Mood, Payload};
use world::{PASSWORD, Person, World, count};

const ADA: &str = "ada@example.com";
const NEW: &str = "a new horse battery";

/// Asks for a link, and takes it out of the mail.
async fn link(person: &Person<'_>) -> String {
    person.forgets().await.is(202);
    person.mailed_link()
}

async fn is_dead(person: &Person<'_>, token: &str) {
    let (rows, mails) = (person.world.all_rows().await, person.world.ses.asked());
    person.resets(token, "yet another horse").await.is_problem(410, "token-invalid");
    assert_eq!((person.world.all_rows().await, person.world.ses.asked()), (rows, mails));
}

#[tokio::test]
async fn the_owner_gets_a_link_and_chooses_a_new_password() {
    for payload in [Payload::Rest, Payload::Http] {
        let mut world = World::new().await;
        world.payload = payload;
        let ada = world.has_account(ADA).await;
        let (phone, desk) = (ada.visits().await, ada.visits().await);

        let token = link(&ada).await;
        assert!(token.len() >= 22, "128 bits");
        assert!(!world.all_rows().await.contains(&token), "only a digest is stored");
        ada.resets(&token, NEW).await.is(204);

        ada.signs_in().await.is_problem(401, "invalid-credentials");
        let ada = ada.with_password(NEW);
        ada.visits().await.reads_itself().await.is(200);
        for session in [phone, desk] {
            session.reads_itself().await.is_problem(401, "invalid-credentials");
        }
        let subjects: Vec<_> = ada.mails().into_iter().map(|mail| mail.subject).collect();
        assert_eq!(subjects.len(), 3, "{subjects:?}");
        assert!(ada.mails()[2].text.contains("password"), "{:?}", subjects[2]);
        is_dead(&ada, &token).await;
    }
}

#[tokio::test]
async fn a_person_imported_without_a_password_chooses_one_by_a_link() {
    let world = World::new().await;
    let imported = world.imports(json!([{ "email": ADA, "locale": "fr" }])).await;
    assert_eq!(imported["imported"], 1);
    let ada = world.person(ADA);
    assert!(ada.mails().is_empty());
    ada.signs_in().await.is_problem(401, "invalid-credentials");
    ada.clone().with_password("").signs_in().await.is_problem(422, "invalid-input");
    ada.resets(&link(&ada).await, NEW).await.is(204);
    let me = ada.with_password(NEW).visits().await.reads_itself().await;
    assert_eq!((&me.is(200)["locale"], &me.body["role"]), (&json!("fr"), &json!("member")));
}

#[tokio::test]
async fn a_link_ends_after_fifteen_minutes() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let (early, late) = (link(&ada).await, link(&ada).await);
    world.time_passes(895.0).await;
    let bob = world.has_account("bob@example.com").await;
    let fresh = link(&bob).await;
    ada.resets(&early, NEW).await.is(204);
    world.time_passes(6.0).await;
    is_dead(&ada, &late).await;
    bob.resets(&fresh, NEW).await.is(204);
}

#[tokio::test]
async fn a_link_ends_with_any_change_of_the_password_and_with_the_account() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let admin = world.admin("root@example.com").await;

    let other = link(&ada).await;
    ada.resets(&link(&ada).await, NEW).await.is(204);
    is_dead(&ada, &other).await;

    let unused = link(&ada).await;
    let session = ada.clone().with_password(NEW).visits().await;
    session.changes(&json!({ "password": PASSWORD, "current_password": NEW })).await.is(200);
    is_dead(&ada, &unused).await;

    let unused = link(&ada).await;
    let path = format!("/users/{}", session.id());
    admin.calls("PATCH", &path, Some(&json!({ "disabled": true }))).await.is(200);
    is_dead(&ada, &unused).await;
    admin.calls("PATCH", &path, Some(&json!({ "disabled": false }))).await.is(200);
    is_dead(&ada, &unused).await;

    let unused = link(&ada.clone().from_ip("198.51.100.1")).await;
    ada.visits().await.deletes_itself().await.is(204);
    is_dead(&ada, &unused).await;
    for typed in ["", "typed", "AAAAAAAAAAAAAAAAAAAAAA"] {
        is_dead(&ada, typed).await;
    }
}

#[tokio::test]
async fn an_address_without_an_account_to_sign_in_to_gets_a_note() {
    let world = World::new().await;
    let known = world.has_account(ADA).await;
    let answer = known.forgets().await;
    world.signs_up("pending@example.com").await;
    world.has_account("disabled@example.com").await;
    world.disables("disabled@example.com").await;
    for email in ["pending@example.com", "disabled@example.com", "unknown@example.com"] {
        let person = world.person(email);
        let (mails, rows) = (world.ses.asked(), world.count("password_resets").await);
        let told = person.forgets().await;
        assert_eq!((told.is(202), &told.headers), (&json!({ "email": email }), &answer.headers));
        assert_eq!(world.ses.asked(), mails + 1);
        let note = person.mails().pop().expect("a note");
        assert!(!note.text.contains("#token="), "{}", note.text);
        // A call that writes waits for the disk, so this one writes as well: time must not tell.
        assert_eq!(world.count("password_resets").await, rows + 1);
    }
    assert_eq!(world.links_of_accounts().await, 1);
}

#[tokio::test]
async fn an_owner_who_asks_while_the_account_is_being_deleted_gets_a_note() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let deletion = world.deletes_accounts().await;
    let (answer, ()) = tokio::join!(ada.forgets(), async {
        world.database.makes_wait("open_link", 1).await;
        deletion.commits().await;
    });
    answer.is(202);
    let note = ada.mails().pop().expect("a note");
    assert!(!note.text.contains("#token="), "{}", note.text);
}

#[tokio::test]
async fn the_link_speaks_the_language_of_the_account_and_the_note_that_of_the_browser() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await.sending("accept-language", "fr");
    ada.forgets().await.is(202);
    assert!(ada.mails().pop().expect("a mail").text.contains("password"));
    let person = world.person("unknown@example.com").sending("accept-language", "fr");
    person.forgets().await.is(202);
    assert!(person.mails().pop().expect("a mail").text.contains("mot de passe"));
}

#[tokio::test]
async fn a_password_that_the_rules_forbid_is_refused_and_the_link_still_works() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let token = link(&ada).await;
    let rows = world.all_rows().await;
    for (password, code) in [
        ("short", "too-short"),
        ("password1", "too-common"),
        ("ada@example.com", "contains-address"),
    ] {
        let answer = ada.resets(&token, password).await;
        let errors = &answer.is_problem(422, "invalid-input")["errors"];
        assert_eq!(errors[0]["pointer"], "/password");
        assert_eq!(errors[0]["code"], code, "{errors}");
    }
    // Whose address it is, only the link tells.
    ada.resets("typed", "ada@example.com").await.is_problem(410, "token-invalid");
    assert_eq!(world.all_rows().await, rows);
    ada.resets(&token, NEW).await.is(204);
}

#[tokio::test]
async fn asking_counts_as_a_sign_up_whether_or_not_there_is_an_account() {
    let world = World::new().await;
    for email in [ADA, "unknown@example.com"] {
        if email == ADA {
            world.has_account(email).await;
        } else {
            world.signs_up(email).await;
        }
        let asker = world.person(email);
        for _ in 0..4 {
            asker.forgets().await.is(202);
        }
        let mails = world.ses.asked();
        assert!(asker.forgets().await.retry_after() > 86_000);
        asker.clone().signs_up().await.is_problem(429, "too-many-requests");
        let elsewhere = asker.clone().from_ip("198.51.100.7");
        for _ in 0..5 {
            elsewhere.forgets().await.is(202);
        }
        elsewhere.from_ip("203.0.113.7").forgets().await.is_problem(429, "too-many-requests");
        assert_eq!(world.ses.asked(), mails + 5);
    }
}

#[tokio::test]
async fn a_refused_mail_costs_nothing_and_one_that_may_arrive_works() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let places = world.places_taken().await;
    world.ses.is_in_mood(Mood::Fails(400, "MessageRejected"));
    ada.forgets().await.is_problem(503, "mail-unavailable");
    assert_eq!((world.places_taken().await, world.count("password_resets").await), (places, 0));

    world.ses.is_in_mood(Mood::HangsUp);
    ada.forgets().await.is_problem(503, "mail-unavailable");
    let token = world.ses.attempted().pop().and_then(|mail| mail.token("/password"));
    world.ses.is_in_mood(Mood::Accepts);
    ada.resets(&token.expect("a link"), NEW).await.is(204);
}

#[tokio::test]
async fn a_password_that_was_changed_stays_changed_when_its_owner_cannot_be_told() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let token = link(&ada).await;
    world.ses.is_in_mood(Mood::HangsUp);
    ada.resets(&token, NEW).await.is(204);
    ada.with_password(NEW).signs_in().await.is(200);
}

#[tokio::test]
async fn of_many_who_use_links_at_once_one_comes_first() {
    let world = World::with(&[("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0")]).await;
    let ada = world.has_account(ADA).await;
    let mut links = Vec::new();
    for _ in 0..4 {
        links.push(link(&ada).await);
    }
    let uses: Vec<Event> = (0..32)
        .map(|n| {
            let body = json!({ "token": links[n % 4], "password": format!("horse battery {n}") });
            Event::new("POST", "/password/reset").json(&body)
        })
        .collect();
    let mails = world.ses.asked();
    let answers = world.at_once(uses).await;
    assert_eq!((count(&answers, 204), count(&answers, 410)), (1, 31));
    assert_eq!((world.ses.asked(), world.count("password_resets").await), (mails + 1, 0));
    assert_eq!(world.audit_entries_of("password reset").await, 1);
}

/// Signing in reads the password before it is changed, and opens the session afterwards.
#[tokio::test]
async fn no_session_outlives_the_password_that_it_was_opened_with() {
    let world = World::with(&[
        ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0"),
        ("ADDRESS_SIGNUPS_PER_DAY", "0"),
        ("NETWORK_SIGNUPS_PER_HOUR", "0"),
        ("ATTEMPT_PASSWORD_FAILURES", "0"),
    ])
    .await;
    let mut ada = world.has_account(ADA).await;
    for round in 0..6 {
        let token = link(&ada).await;
        let password = format!("horse battery {round}");
        let body = json!({ "token": token, "password": password });
        let sign_in = Event::new("POST", "/login").json(&json!({
            "email": ADA, "password": ada.password, "registration": ada.registration,
        }));
        let mut events = vec![sign_in; 16];
        events[round] = Event::new("POST", "/password/reset").json(&body);
        let answers = world.at_once(events).await;
        assert_eq!(count(&answers, 204), 1);
        for answer in answers.iter().filter(|answer| answer.status == 200) {
            let token = answer.body["access_token"].as_str().expect("a token");
            let me = Event::new("GET", "/users/me");
            let me = me.header("authorization", &format!("Bearer {token}"));
            world.send(&me).await.is_problem(401, "invalid-credentials");
        }
        ada = ada.with_password(&password);
        ada.signs_in().await.is(200);
    }
}
