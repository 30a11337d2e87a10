//! People look after their accounts, and admins after all of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::testing::Mood;
use world::{PASSWORD, Visitor, World, count};

const ADA: &str = "ada@example.com";
const NEW: &str = "a new horse battery";

#[tokio::test]
async fn a_person_changes_their_language_and_gets_mails_in_it() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    assert_eq!(ada.changes(&json!({ "locale": "fr-CA" })).await.is(200)["locale"], "fr");
    assert_eq!(ada.reads_itself().await.is(200)["locale"], "fr", "the session goes on");
    ada.person.forgets().await.is(202);
    assert!(ada.person.mails().pop().expect("a mail").text.contains("mot de passe"));
    assert_eq!(ada.changes(&json!({})).await.is(200)["locale"], "fr");
    assert_eq!(ada.person.mails().len(), 2);
}

#[tokio::test]
async fn a_person_changes_their_password_with_the_one_they_have() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let changed = ada.changes(&json!({ "password": NEW, "current_password": PASSWORD })).await;
    assert_eq!(changed.is(200)["email"], ADA);
    ada.person.signs_in().await.is_problem(401, "invalid-credentials");
    ada.person.clone().with_password(NEW).signs_in().await.is(200);
    assert_eq!(ada.person.mails().len(), 2, "the owner is told");
    assert_eq!(world.audit_entries_of("password changed").await, 1);
}

#[tokio::test]
async fn a_change_that_cannot_be_made_changes_nothing_and_says_why() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let rows = world.all_rows().await;
    for (change, pointer, code) in [
        (json!({ "password": NEW }), "/current_password", "missing"),
        (json!({ "password": "short", "current_password": PASSWORD }), "/password", "too-short"),
        (json!({ "password": ADA, "current_password": PASSWORD }), "/password", "contains-address"),
        (json!({ "password": NEW, "current_password": 5 }), "/current_password", "not-a-string"),
        (json!({ "password": 1, "current_password": PASSWORD }), "/password", "not-a-string"),
        (json!({ "locale": "fr", "current_password": 5 }), "/current_password", "not-a-string"),
        (json!({ "locale": "tlh" }), "/locale", "unknown-locale"),
    ] {
        let answer = ada.changes(&change).await;
        let errors = &answer.is_problem(422, "invalid-input")["errors"];
        assert_eq!(errors.as_array().map(Vec::len), Some(1), "{errors}");
        assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!(pointer), &json!(code)));
    }
    assert_eq!((world.all_rows().await, world.ses.asked()), (rows, 1));
}

/// A stolen session must not be a way to find out the password.
#[tokio::test]
async fn the_current_password_can_be_guessed_twenty_times_an_hour() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let places = world.places_taken().await;
    let change = |current: &str| json!({ "password": NEW, "current_password": current });
    for n in 0..20 {
        let answer = ada.changes(&change(&format!("wrong horse {n}"))).await;
        let errors = &answer.is_problem(422, "invalid-input")["errors"];
        assert_eq!(errors[0]["pointer"], "/current_password");
        assert_eq!(errors[0]["code"], "wrong-password");
    }
    assert!(ada.changes(&change(PASSWORD)).await.retry_after() > 3500);
    assert_eq!(world.places_taken().await, places + 20);
    ada.changes(&json!({ "locale": "fr" })).await.is(200);
    world.time_passes(3601.0).await;
    ada.changes(&change(PASSWORD)).await.is(200);
}

#[tokio::test]
async fn of_two_new_passwords_at_once_one_wins() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let changes = (0..16).map(|n| {
        let change =
            json!({ "password": format!("horse battery {n}"), "current_password": PASSWORD });
        ada.event("PATCH", "/users/me", Some(&change))
    });
    let answers = world.at_once(changes.collect()).await;
    assert_eq!((count(&answers, 200), count(&answers, 401) + count(&answers, 422)), (1, 15));
    assert_eq!(world.audit_entries_of("password changed").await, 1);
}

#[tokio::test]
async fn deleting_leaves_no_row_that_holds_the_address() {
    let world = World::new().await;
    // A stranger has an attempt on the address, and a key was used.
    let mut mallory = world.person(ADA).with_password("attackers horse").from_ip("198.51.100.6");
    mallory.signs_up().await.is(202);
    let waiting = mallory.visits().await;
    let mut ada = world.person(ADA).sending("idempotency-key", "key");
    ada.signs_up().await.is(202);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    ada.forgets().await.is(202);
    let session = ada.visits().await;
    let bob = world.visitor("bob@example.com").await;
    assert_eq!(world.count("accounts").await, 3);

    session.deletes_itself().await.is(204);

    let rows = world.all_rows().await;
    assert!(!rows.contains(ADA), "{rows}");
    for table in ["accounts", "codes"] {
        assert_eq!(world.count(table).await, 1, "{table}: bob's");
    }
    for table in ["idempotency_keys", "password_resets"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    let noted = world.audit_log().await.pop().expect("an entry");
    assert_eq!((noted.action.as_str(), noted.actor), ("deleted", None));
    assert_eq!(noted.account, session.id());
    for session in [session, waiting] {
        session.reads_itself().await.is_problem(401, "invalid-credentials");
    }
    for person in [&ada, &mallory] {
        person.signs_in().await.is_problem(401, "invalid-credentials");
        person.resends().await.is_problem(401, "invalid-credentials");
    }
    let told = ada.mails().pop().expect("a mail").subject;
    assert!(told.contains("deleted"), "{told}");
    bob.reads_itself().await.is(200);
}

#[tokio::test]
async fn deleting_and_signing_up_again_is_no_way_around_a_limit() {
    let world = World::new().await;
    for n in 0..5 {
        let mut ada = world.person(ADA);
        ada.signs_up().await.is(202);
        if n == 0 {
            // Wrong guesses count for the address.
            for _ in 0..2 {
                ada.activates_with(&world::wrong_code(&ada.mailed_code())).await.is(403);
            }
        }
        ada.activates_with(&ada.mailed_code()).await.is(200);
        ada.visits().await.deletes_itself().await.is(204);
    }
    world.person(ADA).signs_up().await.is_problem(429, "too-many-requests");
    assert_eq!(world.paid_by(ADA).await, 2, "and the guesses stay counted");
}

#[tokio::test]
async fn of_many_deletions_at_once_one_deletes() {
    let world = World::new().await;
    let admin = world.admin("root@example.com").await;
    let ada = world.visitor(ADA).await;
    let path = format!("/users/{}", ada.id());
    let mails = world.ses.asked();
    let mut events = vec![ada.event("DELETE", "/users/me", None); 12];
    events.extend(vec![admin.event("DELETE", &path, None); 12]);
    // All have found the account before the first may delete it.
    let other = world.locks_accounts().await;
    let (answers, ()) = tokio::join!(world.at_once(events), async {
        world.database.makes_wait("delete_account", 16).await;
        other.commits().await;
    });
    assert_eq!(count(&answers, 204), 1);
    assert_eq!(count(&answers, 401) + count(&answers, 404), 23);
    assert_eq!(world.ses.asked(), mails + 1);
    assert_eq!(world.audit_entries_of("deleted").await, 1);
}

/// A code's mail is on its way while all that holds its address goes.
#[tokio::test]
async fn a_sign_up_beside_a_deletion_is_answered_and_its_attempt_is_gone() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let mut again = world.person(ADA).from_ip("198.51.100.1");
    world.ses.is_in_mood(Mood::Holds);
    let (signed_up, ()) = tokio::join!(again.signs_up(), async {
        world.ses.was_asked(2).await;
        let let_go = async {
            // A mail also tells the owner.
            world.ses.was_asked(3).await;
            world.ses.is_in_mood(Mood::Accepts);
        };
        let (deleted, ()) = tokio::join!(ada.deletes_itself(), let_go);
        deleted.is(204);
    });
    signed_up.is(202);
    assert_eq!(world.count("accounts").await, 0);
    again.activates_with("0000").await.is_problem(401, "invalid-credentials");
}

#[tokio::test]
async fn an_admin_disables_and_deletes_and_the_log_says_who() {
    let world = World::new().await;
    let admin = world.admin("root@example.com").await;
    let ada = world.visitor(ADA).await;
    let path = format!("/users/{}", ada.id());
    let disable = |disabled: bool| json!({ "disabled": disabled });
    for disabled in [true, true, false, false] {
        let answer = admin.calls("PATCH", &path, Some(&disable(disabled))).await;
        assert_eq!(answer.is(200)["disabled"], disabled);
    }
    admin.calls("DELETE", &path, None).await.is(204);
    admin.calls("DELETE", &path, None).await.is_problem(404, "not-found");
    let mut log = world.audit_log().await;
    log.retain(|entry| entry.actor == Some(admin.id()));
    let actions: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["disabled", "enabled", "deleted"]);
    assert!(ada.person.mails().pop().expect("a mail").subject.contains("deleted"));
    for wrong in [json!({}), disable(true)["disabled"].clone(), json!({ "disabled": "yes" })] {
        admin.calls("PATCH", &path, Some(&wrong)).await.is_problem(422, "invalid-input");
    }
}

#[tokio::test]
async fn the_list_has_every_account_once_while_others_come_and_go() {
    let world = World::new().await;
    let admin = world.admin("root@example.com").await;
    world.signs_up("pending@example.com").await;
    let users = (1..=9).map(|n| json!({ "email": format!("person{n}@example.com") }));
    world.imports(users.collect()).await;

    let all = page(&admin, "/users").await;
    assert_eq!((ids(&all).len(), &all["next"]), (10, &Value::Null));
    assert!(!all.to_string().contains("pending@") && !all.to_string().contains("argon2"), "{all}");

    let first = page(&admin, "/users?limit=4").await;
    // The last of this page goes, and a person comes: no other account is skipped or listed twice.
    let last = first["users"][3]["id"].as_str().expect("an id");
    admin.calls("DELETE", &format!("/users/{last}"), None).await.is(204);
    world.has_account("late@example.com").await;
    let (mut seen, mut next) = (ids(&first), first["next"].clone());
    while let Some(path) = next.as_str() {
        assert!(path.starts_with("/users?limit=4&after="), "{path}");
        let page = page(&admin, path).await;
        assert!(seen.is_disjoint(&ids(&page)) && !ids(&page).is_empty());
        seen.extend(ids(&page));
        next = page["next"].clone();
    }
    assert!(ids(&all).is_subset(&seen));
    for query in ["limit=0", "limit=101", "limit=x", "limit=-1", "after=1", "after="] {
        let answer = admin.calls("GET", &format!("/users?{query}"), None).await;
        answer.is_problem(422, "invalid-input");
    }
}

async fn page(admin: &Visitor<'_>, path: &str) -> Value {
    admin.calls("GET", path, None).await.is(200).clone()
}

fn ids(page: &Value) -> BTreeSet<String> {
    let users = page["users"].as_array().expect("users").iter();
    users.map(|user| user["id"].as_str().expect("an id").to_owned()).collect()
}
