//! An import meets other calls that work on the same addresses.

use std::{collections::HashSet, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};
use world::{World, wrong_code};

fn email(n: usize) -> String {
    format!("person{n}@example.com")
}

fn import(users: &[Value]) -> Value {
    json!({ "command": "import", "users": users })
}

/// No address may have two active accounts, and no account may be without its audit entry.
async fn each_is_active_once(world: &World, count: i64) {
    assert_eq!(world.active_addresses().await, count);
    assert_eq!(world.active_accounts().await, count);
    let log = world.audit_log().await;
    assert!(log.iter().all(|entry| ["imported", "activated"].contains(&entry.action.as_str())));
    let accounts: HashSet<_> = log.iter().map(|entry| &entry.account).collect();
    assert_eq!(log.len(), accounts.len(), "each has one entry");
    assert_eq!(world.audit_entries().await, count);
}

/// A caller that opened an attempt before its address was imported sees the same as without the
/// import.
#[tokio::test]
async fn an_attempt_of_an_imported_address_is_never_activated_and_no_answer_tells() {
    let world = World::new().await;
    let known = world.signs_up("known@example.com").await;
    let unknown = world.signs_up("unknown@example.com").await;
    let before = world.all_rows().await;

    assert_eq!(world.imports(json!([{ "email": "known@example.com" }])).await["imported"], 1);

    let after = world.all_rows().await;
    assert!(before.lines().all(|row| after.contains(row)), "attempts are left alone");
    // The right code of the one gets the answers of a wrong one of the other.
    let code = known.mailed_code();
    for attempts_left in [2, 1, 0] {
        let right = known.activates_with(&code).await;
        let wrong = unknown.activates_with(&wrong_code(&unknown.mailed_code())).await;
        for answer in [right, wrong] {
            let problem = answer.is_problem(403, "code-incorrect");
            assert_eq!(problem["attempts_left"], attempts_left);
        }
    }
    for person in [&known, &unknown] {
        person.activates_with("0427").await.is_problem(410, "code-exhausted");
        world.time_passes(31.0).await;
        person.resends().await.is(202);
        assert_eq!(person.mails().len(), 2);
        person.is_still_pending().await;
    }
    assert_eq!(known.mails()[1].code(), None, "a note to the owner");
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_of_the_same_people_at_once_take_each_once() {
    let world = World::new().await;
    let users: Vec<_> = (0..3000).map(|n| json!({ "email": email(n) })).collect();
    let backwards: Vec<_> = users.iter().rev().cloned().collect();

    let answers = tokio::join!(
        world.operates(import(&users)),
        world.operates(import(&backwards)),
        world.operates(import(&users)),
    );

    let mut imported = 0;
    for answer in [answers.0, answers.1, answers.2] {
        let answer = answer.expect("none fails because of the others");
        let refused = answer["refused"].as_array().expect("a list");
        assert!(refused.iter().all(|row| row["code"] == "already-active"));
        let taken = answer["imported"].as_u64().expect("a number");
        assert_eq!(taken + refused.len() as u64, 3000, "no row is lost");
        imported += taken;
    }
    assert_eq!(imported, 3000);
    each_is_active_once(&world, 3000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_up_and_activate_while_they_are_imported() {
    let world = World::with(&[("NETWORK_GUESSES_PER_HOUR", "0")]).await;
    let mut users: Vec<_> = (0..4000).map(|n| json!({ "email": email(n) })).collect();
    let names: Vec<_> = (0..20).map(|n| email(n * 200)).collect();
    let mut people = Vec::new();
    for name in &names {
        people.push(world.signs_up(name).await);
    }
    users.reverse();

    let live = join_all(people.iter().map(async |person| {
        let answer = person.activates_with(&person.mailed_code()).await;
        // A person who was imported first has lost, and the answer does not tell why.
        assert!(answer.status == 200 || answer.status == 403, "{}", answer.body);
        usize::from(answer.status == 200)
    }));
    let newcomers = join_all((0..20).map(async |n| {
        let mut person = world.person(&email(n * 200 + 1)).from_ip("192.0.2.2");
        person.signs_up().await.is(202);
    }));
    let (answer, activated, _) = tokio::join!(world.operates(import(&users)), live, newcomers);

    let activated: usize = activated.into_iter().sum();
    let answer = answer.expect("it succeeds");
    assert_eq!(answer["refused"].as_array().expect("a list").len(), activated);
    assert_eq!(answer["imported"].as_u64(), Some(4000 - activated as u64));
    each_is_active_once(&world, 4000).await;
}

/// Another transaction holds an address for longer than the role waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_meets_a_lock_is_sent_again() {
    for (is_taken, imported) in [(false, 2000), (true, 1999)] {
        let world = World::new().await;
        world.waits_as_briefly_as_maintain().await;
        let users: Vec<_> = (0..2000).map(|n| json!({ "email": email(n) })).collect();
        let other = world.adds_account(&email(1500)).await;

        let later = async {
            world.database.makes_wait_again("import_accounts").await;
            if is_taken { other.commits().await } else { other.rolls_back().await }
        };
        let (answer, ()) = tokio::join!(world.operates(import(&users)), later);

        let answer = answer.expect("it succeeds");
        assert_eq!(answer["imported"], imported);
        assert_eq!(world.active_accounts().await, 2000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_to_the_end_is_told_and_nothing_else_is_lost() {
    let world = World::new().await;
    world.waits_as_briefly_as_maintain().await;
    let users: Vec<_> = (0..2000).map(|n| json!({ "email": email(n) })).collect();
    let other = world.adds_account(&email(1500)).await;

    let short = Duration::from_millis(10_800);
    let message = world.operates_within(import(&users), short).await.expect_err("it fails");
    assert!(
        message.starts_with("import: stopped before row 1000, with 1000 imported"),
        "{message}"
    );
    assert!(message.contains("lock timeout"), "{message}");
    assert_eq!(world.active_accounts().await, 1000);

    let mut together = import(&users[1000..]);
    together["all_or_nothing"] = json!(true);
    let message = world.operates(together.clone()).await.expect_err("it fails");
    assert!(message.contains("nothing is imported") && message.contains("lock"), "{message}");
    assert_eq!(world.active_accounts().await, 1000);

    other.rolls_back().await;
    assert_eq!(world.operates(together).await.expect("it succeeds")["imported"], 1000);
    assert_eq!(world.active_accounts().await, 2000);
}

/// The database has carried a batch out, and its answer has not arrived.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_answer_was_lost_counts_as_imported() {
    let world = World::on_the_wire(&[]).await;
    world.waits_as_briefly_as_maintain().await;
    let users: Vec<_> = (0..500).map(|n| json!({ "email": email(n) })).collect();
    let other = world.adds_account(&email(250)).await;

    let cut = async {
        world.database.makes_wait("import_accounts", 1).await;
        world.wire().cut();
        other.rolls_back().await;
    };
    let (answer, ()) = tokio::join!(world.operates(import(&users)), cut);

    assert_eq!(answer, Ok(json!({ "imported": 500, "refused": [] })));
    each_is_active_once(&world, 500).await;
}

/// To look for the attempt that a code means costs the address a guess. The right password gives it
/// back, to an imported owner as to one who signed up.
#[tokio::test]
async fn strangers_attempts_cost_an_imported_owner_nothing() {
    let world = World::new().await;
    for _ in 0..3 {
        world.signs_up("ada@example.com").await;
    }
    let hash = world.password_hash().await;
    let user = json!({ "email": "ada@example.com", "password_hash": hash });
    assert_eq!(world.imports(json!([user])).await["imported"], 1);
    let owner = world.person("ada@example.com");
    for _ in 0..3 {
        owner.activates_with(&world.wrong_code()).await.is_problem(409, "already-active");
    }
    assert_eq!(world.paid_by("ada@example.com").await, 0);
}
