//! What is old goes, what a person may need stays.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    domain::{
        keys::{Keys, Signed},
        limits::Limit,
    },
    storage::{Guess, GuessedCode, Lookup, Search},
};
use world::{KEY, World, pool, wrong_code};

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// What an operator reads: rows by table.
const TABLES: [&str; 7] = [
    "accounts",
    "codes",
    "limits",
    "idempotency_keys",
    "password_resets",
    "ended_sessions",
    "audit_log",
];

fn deleted(answer: &Value) -> [i64; 7] {
    TABLES.map(|table| answer["deleted"][table].as_i64().expect("a number"))
}

async fn purges_all(world: &World) -> [i64; 7] {
    let answer = world.purges().await;
    assert_eq!(answer["complete"], true);
    let tables = answer["deleted"].as_object().expect("an object").len();
    assert_eq!(tables, world.tables().await.len(), "every table is purged");
    deleted(&answer)
}

#[tokio::test]
async fn each_kind_goes_at_its_time_and_accounts_never() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    let mut bob = world.person("bob@example.com").sending("idempotency-key", "key");
    bob.signs_up().await.is(202);
    let rows = world.all_rows().await;

    // Nothing is old.
    assert_eq!(purges_all(&world).await[0..2], [0, 0]);
    assert_eq!(world.all_rows().await, rows);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    bob.signs_up().await.is(202);
    assert_eq!(bob.mails().len(), 1, "the key is known");

    // "This wasn't me" works for a day, and so do idempotency keys and the limits of a day.
    world.time_passes(DAY - 60.0).await;
    let [accounts, codes, limits, keys, ..] = purges_all(&world).await;
    assert_eq!([accounts, codes, keys], [0; 3]);
    assert!(limits > 0, "those of an hour");
    assert!(world.places_taken_under("ADDRESS_SIGNUPS_PER_DAY", &[b"bob@example.com"]).await > 0);
    world.time_passes(120.0).await;
    assert_eq!(purges_all(&world).await[3], 1, "the key");
    assert_eq!(world.count("codes").await, 2);
    world.time_passes(HOUR).await;
    // An attempt that was not activated within a day has ended.
    assert_eq!(purges_all(&world).await[0..2], [1, 2]);
    assert_eq!(world.count("limits").await, 0);
    bob.resends().await.is(401);
    ada.resends().await.is_problem(409, "already-active");

    world.time_passes(400.0 * DAY).await;
    assert_eq!(purges_all(&world).await[6], 1, "the audit entry");
    assert_eq!((world.count("accounts").await, world.active_accounts().await), (1, 1));
    ada.resends().await.is_problem(409, "already-active");
}

#[tokio::test]
async fn an_attempt_that_has_ended_stays_while_its_last_mail_may_say_this_was_not_me() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    world.time_passes(DAY - 60.0).await;
    ada.resends().await.is(202);
    world.time_passes(DAY - 60.0).await;

    assert_eq!(purges_all(&world).await[0..2], [0, 1], "the first code alone");

    ada.was_not_me(&ada.mailed_not_me()).await.is(204);
    world.person("ada@example.com").signs_up().await.is_problem(429, "too-many-requests");
    world.time_passes(2.0 * HOUR).await;
    assert_eq!(purges_all(&world).await[0..2], [1, 1]);
}

#[tokio::test]
async fn links_to_a_new_password_and_ended_sessions_go_when_they_would_have_ended_by_themselves() {
    let world = World::new().await;
    world.has_account("ada@example.com").await;
    world.has_links_and_an_ended_session().await;

    let minutes = [(14.9, [0, 0]), (0.2, [1, 0]), (14.8, [0, 0]), (0.2, [0, 1])];
    for (minutes, gone) in minutes {
        world.time_passes(minutes * 60.0).await;
        assert_eq!(purges_all(&world).await[4..6], gone, "{minutes} minutes later");
    }
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test]
async fn a_key_that_a_request_is_at_work_with_stays() {
    let world = World::new().await;
    world.has_a_key_at_work().await;
    assert_eq!(purges_all(&world).await, [0; 7]);
    world.time_passes(11.0).await;
    assert_eq!(purges_all(&world).await, [0, 0, 0, 1, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_share_ten_thousand_rows() {
    let world = World::new().await;
    world.has_old_rows(10_000).await;

    let (one, other) = tokio::join!(world.purges(), world.purges());

    let sum = |table| deleted(&one)[table] + deleted(&other)[table];
    let [accounts, codes, rest @ ..] = [0, 1, 2, 3, 4, 5, 6].map(sum);
    assert_eq!((accounts, rest), (10_000, [10_000; 5]));
    // Some may have gone with their attempt, when the other had got that far.
    assert!((1..=10_000).contains(&codes), "{codes}");
    world.member_goes().await;
    assert_eq!(world.all_rows().await, World::new().await.all_rows().await, "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_notice_nothing_of_it() {
    let world = World::with(&[("NETWORK_GUESSES_PER_HOUR", "1000")]).await;
    world.has_old_rows(5_000).await;
    let names: Vec<_> = (0..30).map(|n| format!("person{n}@example.com")).collect();

    let live = join_all(names.iter().map(async |name| {
        let person = world.signs_up(name).await;
        let code = person.mailed_code();
        person.activates_with(&wrong_code(&code)).await.is_problem(403, "code-incorrect");
        person.activates_with(&code).await.is(200);
    }));
    let (_, first, second) = tokio::join!(live, world.purges(), world.purges());

    for answer in [first, second] {
        assert_eq!(answer["complete"], true);
    }
    // And the member.
    assert_eq!(world.active_accounts().await, 31);
    assert_eq!(world.count("accounts").await, 31);
    assert_eq!(world.count("codes").await, 30);
    for name in &names {
        assert_eq!(world.paid_by(name).await, 1, "{name}");
    }
}

#[tokio::test]
async fn a_run_that_is_short_of_time_leaves_the_rest_to_the_next() {
    let world = World::new().await;
    world.has_old_rows(20_000).await;

    // It does not use the last ten seconds.
    let none = world.purges_within(Duration::from_secs(9)).await;
    assert_eq!((none["complete"].clone(), deleted(&none)), (json!(false), [0; 7]));
    let some = world.purges_within(Duration::from_millis(10_040)).await;
    assert_eq!(some["complete"], false);
    let left = 140_000 - deleted(&some).iter().sum::<i64>();
    assert!((1..140_000).contains(&left), "{left} are left");

    let rest = world.purges().await;
    assert_eq!(rest["complete"], true);
    assert_eq!(deleted(&rest).iter().sum::<i64>(), left);
}

/// The row of a budget that is empty may go between finding the attempt and judging its guess.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_counted_exactly_though_their_budget_was_purged_meanwhile() {
    let settings = [("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0"), ("ADDRESS_GUESSES_PER_DAY", "2")];
    let world = World::with(&settings).await;
    let keys = Keys::try_from(KEY).expect("a key");
    let name = "NETWORK_GUESSES_PER_HOUR";
    let network =
        Limit { name, capacity: 100, window_seconds: 3600 }.for_subject(&keys, &[b"network"]);
    let macs = [Signed { mac: vec![0; 32], key_id: "first".to_owned() }];
    let code =
        GuessedCode { macs: &macs, chosen_by_code: false, network: &network, attempt_mails: 4 };
    let mut ids = Vec::new();
    for _ in 0..8 {
        let ada = world.signs_up("ada@example.com").await;
        ids.push(ada.registration.expect("an attempt").parse().expect("a UUID"));
    }
    let email = "ada@example.com".to_owned().try_into().expect("an address");
    let instances: Vec<_> = ids.iter().map(|_| pool(&world)).collect();
    let mut databases: Vec<_> = instances.iter().map(shared::storage::Pool::database).collect();

    let find = databases.iter_mut().zip(&ids).map(async |(database, id)| {
        let found = database
            .find(&Search { lookup: Lookup::Named(*id, &email), limits: &[], code_macs: &macs })
            .await;
        found.expect("it is found")
    });
    let found = join_all(find).await;
    world.purges().await;
    assert_eq!(world.limits_without_a_place().await, 0);
    let guesses = databases.iter_mut().zip(&ids).zip(found).map(async |((database, id), found)| {
        let (shared::storage::Admission::Admitted(taken), _) = found else {
            panic!("nothing limits it")
        };
        database.guess(*id, &code, &taken).await.expect("an answer")
    });
    for guess in join_all(guesses).await {
        assert!(matches!(guess, Guess::Incorrect { .. }), "{guess:?}");
    }

    // Two were paid by the address, and six attempts had nothing but their own one.
    assert_eq!(world.counted_on_codes().await, 8);
    assert_eq!(world.own_guesses_used().await, 6);
}

#[tokio::test]
async fn every_batch_is_an_index_look_up() {
    let world = World::new().await;
    world.has_young_rows().await;
    world.has_old_rows(1500).await;
    world.has_statistics().await;
    let before = world.sequential_scans().await;

    assert_eq!(purges_all(&world).await, [1500; 7]);

    while world.deleted_rows().await < 10_500 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.sequential_scans().await, before, "a table was read from end to end");
}
