//! People who are known already arrive by the thousand, with their passwords or without.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use world::{PASSWORD, World, wrong_code};

/// The hash of [`PASSWORD`] under a few parameters.
fn hash() -> String {
    use shared::domain::password::{Hasher, Password};
    let password = Password::from_typed(PASSWORD).expect("it is short enough");
    Hasher::allocate().hash(&password).expect("it is hashed").as_phc().to_owned()
}

fn email(n: usize) -> String {
    format!("person{n}@example.com")
}

/// What was refused: the rows with their codes.
fn refused(answer: &Value) -> Vec<(u64, &str)> {
    let refused = answer["refused"].as_array().expect("a list");
    let row = |row: &Value| row["index"].as_u64().expect("a number");
    refused.iter().map(|r| (row(r), r["code"].as_str().expect("a code"))).collect()
}

#[tokio::test]
async fn who_is_imported_is_active_from_the_start_and_gets_no_mail() {
    let world = World::new().await;

    let answer = world
        .imports(json!([
            { "email": " Ada@Example.com", "password_hash": hash(), "locale": "fr-CA" },
            { "email": "bob@example.com", "password_hash": null },
        ]))
        .await;

    assert_eq!(answer, json!({ "imported": 2, "refused": [] }));
    let accounts = world.accounts().await;
    for (account, (email, locale, has_password)) in
        accounts.iter().zip([("ada@example.com", "fr", true), ("bob@example.com", "en", false)])
    {
        assert_eq!((account.email.as_str(), account.locale.as_str()), (email, locale));
        assert_eq!(
            (account.role.as_str(), account.activated_by.as_deref()),
            ("member", Some("import"))
        );
        assert!(account.was_active_at_once && !account.is_disabled);
        assert_eq!(account.has_password, has_password);
    }
    let log = world.audit_log().await;
    let noted: BTreeSet<_> =
        log.iter().map(|entry| (entry.action.as_str(), &entry.account)).collect();
    assert_eq!(noted, accounts.iter().map(|account| ("imported", &account.id)).collect());
    assert_eq!((accounts.len(), log.len()), (2, 2));
    assert_eq!(world.ses.asked(), 0, "no mail was asked for");

    // To every caller it is an account like any other.
    let mut ada = world.person("ada@example.com");
    ada.resends().await.is_problem(409, "already-active");
    ada.clone().with_password("wrong").resends().await.is(401);
    ada.signs_up().await.is(202);
    let note = ada.mails().pop().expect("a mail");
    assert_eq!((note.code(), ada.mails().len()), (None, 1), "a note, and no code");
    ada.activates_with("0427").await.is_problem(403, "code-incorrect");
}

#[tokio::test]
async fn an_account_without_a_hash_has_no_right_password() {
    let world = World::on_the_wire(&[]).await;
    world.imports(json!([{ "email": "bob@example.com" }])).await;
    for path in ["resend", "activate"] {
        let mut costs = Vec::new();
        for email in ["bob@example.com", "unknown@example.com"] {
            let person = world.person(email);
            let before = world.traffic();
            match path {
                "resend" => person.resends().await.is(401),
                _ => person.activates_with("0427").await.is(401),
            };
            let after = world.traffic();
            costs.push((after.statements - before.statements, after.named));
        }
        assert_eq!(costs[0], costs[1], "{path}");
    }
    let mut bob = world.person("bob@example.com");
    bob.signs_up().await.is(202);
    assert_eq!(bob.mails()[0].code(), None, "a note to the owner");
    bob.activates_with(&wrong_code("0426")).await.is_problem(403, "code-incorrect");
}

#[tokio::test]
async fn every_row_that_cannot_be_taken_is_named_with_its_reason() {
    let world = World::new().await;
    world.has_account("known@example.com").await;
    let salted = "$JLp8McsdTjipVbP++sjMXQ$PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk";
    let with_hash = |n: usize, head: &str| json!({ "email": email(n), "password_hash": format!("{head}{salted}") });
    let rows = [
        (json!("ada@example.com"), Some("not-an-object")),
        (json!({ "email": email(1) }), None),
        (json!({}), Some("missing")),
        (json!({ "email": null }), Some("missing")),
        (json!({ "email": ["ada@example.com"] }), Some("not-a-string")),
        (json!({ "email": "ada" }), Some("not-an-address")),
        (json!({ "email": "adé@example.com" }), Some("local-part-not-ascii")),
        (json!({ "email": "ada@localhost" }), Some("domain-incomplete")),
        (
            json!({ "email": format!("{}@example.com", "a".repeat(65)) }),
            Some("local-part-too-long"),
        ),
        (json!({ "email": email(2), "passwordHash": hash() }), Some("unknown-member")),
        (json!({ "email": email(2), "password_hash": PASSWORD }), Some("not-a-hash")),
        (json!({ "email": email(2), "password_hash": 1 }), Some("not-a-string")),
        (with_hash(2, "$argon2id$v=19$m=65537,t=1,p=1"), Some("hash-out-of-bounds")),
        (with_hash(2, "$argon2id$v=19$m=65536,t=5,p=1"), Some("hash-out-of-bounds")),
        (with_hash(2, "$argon2id$m=65536,t=4,p=1"), Some("not-a-hash")),
        (with_hash(2, "$argon2i$v=16$m=65536,t=4,p=4"), None),
        (json!({ "email": email(3), "locale": "la" }), Some("unknown-locale")),
        (json!({ "email": email(3), "locale": "FR" }), None),
        (json!({ "email": "Known@EXAMPLE.com" }), Some("already-active")),
        (json!({ "email": "PERSON1@example.com" }), Some("already-active")),
    ];

    let answer = world.imports(rows.iter().map(|(row, _)| row.clone()).collect()).await;

    let expected: Vec<_> =
        (0..).zip(&rows).filter_map(|(index, (_, code))| Some((index, (*code)?))).collect();
    assert_eq!(refused(&answer), expected);
    assert_eq!(answer["imported"], 3);
    assert_eq!(world.active_accounts().await, 4);
    for row in answer["refused"].as_array().expect("a list") {
        let detail = row["detail"].as_str().expect("what to do");
        assert!(!detail.is_empty() && row.as_object().expect("an object").len() == 3, "{row}");
        for secret in ["known@", "person1", "adé", PASSWORD, "JLp8", "passwordHash"] {
            assert!(!detail.contains(secret), "{detail}");
        }
    }
}

#[tokio::test]
async fn of_several_rows_for_one_address_the_first_is_taken() {
    let world = World::new().await;
    let mut rows: Vec<_> = (0..2500).map(|n| json!({ "email": email(n) })).collect();
    // One in the same batch, one in a later one, and a person who is in twice.
    rows[700] = json!({ "email": "twice@example.com", "locale": "fr" });
    rows[701] = json!({ "email": "TWICE@example.com", "locale": "en" });
    rows[2400] = json!({ "email": "twice@example.com" });
    rows[2499] = json!({ "email": email(0) });

    let answer = world.imports(json!(rows)).await;

    let again = "already-active";
    assert_eq!(refused(&answer), [(701, again), (2400, again), (2499, again)]);
    assert_eq!((&answer["imported"], world.count("accounts").await), (&json!(2497), 2497));
    let accounts = world.accounts().await;
    let mut twice = accounts.iter().filter(|account| account.email == "twice@example.com");
    assert!(twice.next().is_some_and(|first| first.locale == "fr") && twice.next().is_none());

    // The same once more changes nothing, and says so.
    let rows_before = world.all_rows().await;
    let answer = world.imports(json!(rows)).await;
    assert_eq!((&answer["imported"], refused(&answer).len()), (&json!(0), 2500));
    assert_eq!(world.all_rows().await, rows_before);
}

#[tokio::test]
async fn all_or_nothing_takes_no_row_as_soon_as_one_is_bad() {
    let world = World::new().await;
    let mut rows: Vec<_> = (0..2500).map(|n| json!({ "email": email(n) })).collect();
    rows[3] = json!({ "email": "no address" });
    rows[2499] = json!({ "email": email(0) });
    let import =
        |rows: &[Value]| json!({ "command": "import", "users": rows, "all_or_nothing": true });

    let answer = world.operates(import(&rows)).await.expect("it answers");

    assert_eq!(answer["imported"], 0);
    assert_eq!(refused(&answer), [(3, "not-an-address"), (2499, "already-active")]);
    assert_eq!((world.count("accounts").await, world.count("audit_log").await), (0, 0));

    rows[3] = json!({ "email": "third@example.com" });
    rows.pop();
    let answer = world.operates(import(&rows)).await.expect("it answers");
    assert_eq!(answer, json!({ "imported": 2499, "refused": [] }));
    assert_eq!((world.active_accounts().await, world.count("audit_log").await), (2499, 2499));
}

#[tokio::test]
async fn more_refusals_than_an_answer_holds_are_counted() {
    let world = World::new().await;
    let rows: Vec<_> = (0..12_345)
        .map(|n| json!({ "email": if n == 12_000 { "ada@example.com" } else { "" } }))
        .collect();

    let answer = world.imports(json!(rows)).await;

    assert_eq!((&answer["imported"], &answer["refused_total"]), (&json!(1), &json!(12_344)));
    let listed = refused(&answer);
    assert_eq!((listed.len(), listed[9_999]), (10_000, (9_999, "not-an-address")));
    assert!(answer.to_string().len() < 3_000_000, "Lambda carries 6 MB");
}

#[tokio::test]
async fn an_event_that_is_not_understood_imports_no_one() {
    let world = World::new().await;
    let users = json!([{ "email": "ada@example.com" }]);
    for event in [
        json!({}),
        json!({ "users": users, "from": "s3://imports/users.jsonl" }),
        json!({ "users": users[0] }),
        json!({ "from": "ada@example.com" }),
        json!({ "from": "s3://imports" }),
        json!({ "from": "s3:///users.jsonl" }),
        json!({ "users": users, "all-or-nothing": true }),
        json!({ "users": users, "all_or_nothing": "ada@example.com" }),
        json!({ "users": users, "start": -1 }),
    ] {
        let mut event = event;
        event["command"] = json!("import");
        let message = world.operates(event.clone()).await.expect_err("it fails");
        assert!(message.starts_with("import: the event must have either `users`"), "{message}");
        assert!(!message.contains("ada@example.com"), "{event}: {message}");
    }
    assert_eq!(world.count("accounts").await, 0);
}
