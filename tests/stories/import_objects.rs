//! People are imported from an object in S3, a line each.

use std::time::Duration;

use serde_json::{Value, json};
use shared::testing::Delivery;
use world::World;

/// A line for each of this many people.
fn lines(count: usize) -> String {
    let line = |n| json!({ "email": format!("person{n}@example.com") }).to_string() + "\n";
    (0..count).map(line).collect()
}

fn import(from: &str) -> Value {
    json!({ "command": "import", "from": from })
}

async fn imports(world: &World, content: impl Into<Vec<u8>>) -> Value {
    let from = world.s3.holds(content);
    world.operates(import(&from)).await.expect("it succeeds")
}

fn refused(answer: &Value) -> Vec<(u64, &str)> {
    let refused = answer["refused"].as_array().expect("a list");
    let row = |row: &Value| row["index"].as_u64().expect("a number");
    refused.iter().map(|r| (row(r), r["code"].as_str().expect("a code"))).collect()
}

#[tokio::test]
async fn lines_are_counted_from_0_however_they_end() {
    let world = World::new().await;
    let content = "{\"email\": \"ada@example.com\"}\r\n\
                   \n\
                   not JSON\n\
                   \u{20}\t\r\n\
                   [\"bob@example.com\"]\n\
                   {\"email\": \"bob@example.com\"} {}\n\
                   {\"email\": \"carol@example.com\", \"locale\": \"fr\"}";

    let answer = imports(&world, content).await;

    let expected = [(2, "malformed-json"), (4, "not-an-object"), (5, "malformed-json")];
    assert_eq!((&answer["imported"], refused(&answer)), (&json!(2), expected.to_vec()));
    let emails = world.accounts().await.into_iter().map(|account| account.email);
    assert!(emails.eq(["ada@example.com", "carol@example.com"]));
    assert_eq!(world.s3.asked(), 1);
}

#[tokio::test]
async fn a_line_takes_8192_bytes_and_an_object_may_have_none() {
    let world = World::new().await;
    let padded = |email: &str, length: usize| {
        let line = json!({ "email": email }).to_string();
        line.clone() + &" ".repeat(length - line.len()) + "\n"
    };
    let content = [
        padded("fits@example.com", 8192),
        padded("longer@example.com", 8193),
        padded("endless@example.com", 5_000_000),
        padded("next@example.com", 100),
        "x".repeat(3_000_000),
    ];

    let answer = imports(&world, content.concat()).await;

    let long = "line-too-long";
    assert_eq!(refused(&answer), [(1, long), (2, long), (4, long)]);
    assert_eq!((&answer["imported"], world.active_accounts().await), (&json!(2), 2));

    for nothing in ["", "\n", "\r\n\r\n"] {
        assert_eq!(imports(&world, nothing).await, json!({ "imported": 0, "refused": [] }));
    }
    let answer = imports(&world, [b"{\"email\": \"\xff@example.com\"}".to_vec()].concat()).await;
    assert_eq!(refused(&answer), [(0, "malformed-json")]);
}

#[tokio::test]
async fn an_object_that_s3_does_not_give_imports_no_one() {
    let world = World::new().await;
    let from = world.s3.holds(lines(1));
    let missing = world.operates(import("s3://imports/ada@example.com")).await;
    let message = missing.expect_err("it is not there");
    assert!(message.contains("with 0 imported") && message.contains("NoSuchKey"), "{message}");
    assert!(!message.contains("ada@"), "{message}");
    for (status, code) in [(403, "AccessDenied"), (503, "SlowDown"), (301, "PermanentRedirect")] {
        world.s3.delivers(Delivery::Refused(status, code));
        let message = world.operates(import(&from)).await.expect_err("it fails");
        assert!(message.contains(code), "{message}");
    }
    assert_eq!(world.count("accounts").await, 0);

    // S3 asks for a retry, and got one.
    world.s3.delivers(Delivery::Whole);
    assert_eq!(world.operates(import(&from)).await.expect("it succeeds")["imported"], 1);
}

#[tokio::test]
async fn an_object_that_breaks_off_is_imported_as_far_as_it_came_and_may_be_imported_again() {
    let world = World::new().await;
    let content = lines(2500);
    let from = world.s3.holds(content.clone());
    let kept = |message: &str| -> i64 {
        assert!(message.starts_with("import: stopped before row "), "{message}");
        assert!(message.contains("Run the same import again"), "{message}");
        let (_, after) = message.split_once("before row ").expect("a row");
        after.split(',').next().expect("a row").parse().expect("a number")
    };

    world.s3.delivers(Delivery::CutAfter(content.len() * 3 / 4));
    let message = world.operates(import(&from)).await.expect_err("it fails");
    let row = kept(&message);
    assert!(message.contains("the object broke off"), "{message}");
    assert!(message.contains(&format!("with {row} imported and 0 refused")), "{message}");
    // No whole line is lost, and no part of a line is taken.
    let whole = content[..content.len() * 3 / 4].matches('\n').count();
    assert_eq!((row, world.active_accounts().await), (i64::try_from(whole).expect("few"), row));

    world.s3.delivers(Delivery::Whole);
    let answer = world.operates(import(&from)).await.expect("it succeeds");
    assert_eq!(answer["imported"].as_i64(), Some(2500 - row));
    assert_eq!(i64::try_from(refused(&answer).len()).expect("few"), row);
    assert_eq!((world.active_accounts().await, world.count("accounts").await), (2500, 2500));
}

#[tokio::test]
async fn all_or_nothing_is_nothing_when_the_object_breaks_off() {
    let world = World::new().await;
    let content = lines(2500);
    let mut event = import(&world.s3.holds(content.clone()));
    event["all_or_nothing"] = json!(true);
    for delivery in [Delivery::CutAfter(content.len() - 1), Delivery::Changed] {
        world.s3.delivers(delivery);
        let message = world.operates(event.clone()).await.expect_err("it fails");
        assert!(message.contains("and nothing is imported: the object broke off"), "{message}");
        assert_eq!((world.count("accounts").await, world.count("audit_log").await), (0, 0));
    }
}

#[tokio::test]
async fn an_object_that_falls_silent_is_not_waited_for() {
    let world = World::new().await;
    let content = lines(1500);
    let from = world.s3.holds(content.clone());
    world.s3.delivers(Delivery::SilentAfter(content.len() - 10));

    let message = world.operates(import(&from)).await.expect_err("it fails");

    assert!(message.contains("with 1499 imported"), "{message}");
    assert!(message.ends_with("S3 fell silent in the middle of the object"), "{message}");
    assert_eq!(world.active_accounts().await, 1499);
}

#[tokio::test]
async fn an_import_that_is_short_of_time_says_where_to_go_on() {
    let world = World::new().await;
    let mut event = import(&world.s3.holds(lines(50_000)));
    event["start"] = json!(10);

    // It does not use the last ten seconds.
    let none = world.operates_within(event.clone(), Duration::from_secs(9)).await;
    assert_eq!(none, Ok(json!({ "imported": 0, "refused": [], "next": 10 })));
    let some = world.operates_within(event.clone(), Duration::from_millis(10_100)).await;
    let some = some.expect("it answers");
    let next = some["next"].as_i64().expect("it has not come to the end");
    assert!((10..50_000).contains(&next), "{next}");
    assert_eq!((&some["imported"], world.active_accounts().await), (&json!(next - 10), next - 10));

    event["start"] = json!(next);
    let rest = world.operates(event.clone()).await.expect("it succeeds");
    assert_eq!(rest, json!({ "imported": 50_000 - next, "refused": [] }));

    world.deletes_accounts().await.commits().await;
    event["all_or_nothing"] = json!(true);
    let none = world.operates_within(event, Duration::from_millis(10_100)).await;
    let message = none.expect_err("half of it is nothing");
    assert!(message.contains("and nothing is imported: the time is over"), "{message}");
    assert_eq!(world.count("accounts").await, 0);
}
