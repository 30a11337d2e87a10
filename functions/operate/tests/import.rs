//! Imports and grants in the function's own process and role, driven through the Lambda runtime
//! API.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use shared::testing::{Delivery, FakeS3, FunctionProcess, TestDatabase, in_role};

const MIB: u64 = 1024 * 1024;

async fn start(database: &TestDatabase, s3: &FakeS3) -> FunctionProcess {
    let variables: HashMap<String, String> = [
        ("DATABASE_URL", in_role(&database.url(), "maintain").as_str()),
        ("OPERATE_COMMANDS", "purge,import,grant"),
        ("AWS_ENDPOINT_URL_S3", s3.url()),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
        ("AWS_LAMBDA_LOG_LEVEL", "trace"),
        ("RUST_LOG", "trace"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    FunctionProcess::start(env!("CARGO_BIN_EXE_operate"), &variables).await
}

/// A line with a unique address and hash.
fn line(n: usize) -> String {
    let hash = format!("{n:021}A$PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk");
    let hash = format!("$argon2id$v=19$m=65536,t=3,p=4${hash}");
    let email = format!("person.number.{n}@some.company.example");
    json!({ "email": email, "password_hash": hash, "locale": "fr" }).to_string() + "\n"
}

/// `cargo test -p operate --test import -- --nocapture` prints time and memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_people_take_less_than_a_minute_and_little_memory() {
    const PEOPLE: usize = 100_000;
    let (database, s3) = (TestDatabase::new().await, FakeS3::start().await);
    let mut operate = start(&database, &s3).await;
    let import = |from: &str| json!({ "command": "import", "from": from });
    let few: String = (0..10).map(line).collect();
    let answer = operate.invoke(&import(&s3.holds(few))).await.expect("it succeeds");
    assert_eq!(answer["imported"], 10);
    let before = operate.peak_memory();

    let object: String = (10..PEOPLE + 10).map(line).collect();
    let size = object.len() as u64;
    let from = s3.holds(object);
    let started = Instant::now();
    let answer = operate.invoke(&import(&from)).await.expect("it succeeds");
    let took = started.elapsed();

    assert_eq!(answer, json!({ "imported": PEOPLE, "refused": [] }));
    let peak = operate.peak_memory();
    println!(
        "imported {PEOPLE} people, {} MiB, in {:.1} s; the process had {} MiB at most, {} MiB before",
        size / MIB,
        took.as_secs_f64(),
        peak / MIB,
        before / MIB
    );
    assert!(took < Duration::from_mins(1), "it took {took:?}");
    assert!(peak < 128 * MIB, "it had {} MiB", peak / MIB);
    // Memory does not grow with the object: little more than for ten people.
    assert!(peak - before < size / 2, "{} MiB more", (peak - before) / MIB);
    let active = "SELECT count(*) FROM accounts WHERE activated_at IS NOT NULL
                     AND password_hash LIKE '$argon2id$v=19$m=65536%' AND locale = 'fr'";
    assert_eq!(database.number(active).await, 100_010);
    let output = operate.output().await;
    assert!(output.contains("\"imported_accounts\":100000"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_and_no_hash_is_logged_or_told_at_any_level() {
    let (database, s3) = (TestDatabase::new().await, FakeS3::start().await);
    let mut operate = start(&database, &s3).await;
    let bad = json!({ "email": "bad@some.company.example ", "password_hash": "$argon2id$bad" });
    let worse = "{\"email\": \"worse@some.company.example\n";
    let lines = [line(1), format!("{bad}\n"), worse.to_owned(), line(1)];
    let from = s3.holds(lines.concat());
    let users: Vec<Value> = lines.iter().map(|line| json!(line)).collect();
    let person: Value = serde_json::from_str(&line(2)).expect("JSON");
    let email = &person["email"];
    let unknown = "unknown@some.company.example";

    let mut told = Vec::new();
    for event in [
        json!({ "command": "import", "from": from }),
        json!({ "command": "import", "users": users }),
        json!({ "command": "import", "users": [person, person] }),
        json!({ "command": "import", "users": person }),
        json!({ "command": "import", "from": unknown }),
        json!({ "command": "import", "from": format!("s3://imports/{unknown}") }),
        json!({ "command": "grant", "email": email, "role": "admin" }),
        json!({ "command": "grant", "email": email, "role": unknown }),
        json!({ "command": "grant", "email": unknown, "role": "admin" }),
        json!({ "command": "grant", "email": [unknown], "role": "admin" }),
        json!({ "command": email }),
    ] {
        told.push(format!("{:?}", operate.invoke(&event).await));
    }
    s3.delivers(Delivery::CutAfter(300));
    told.push(format!("{:?}", operate.invoke(&json!({ "command": "import", "from": from })).await));
    // PostgreSQL would quote the whole row.
    database.execute("ALTER TABLE accounts ADD CHECK (email NOT LIKE 'person%') NOT VALID").await;
    let refused =
        json!({ "command": "import", "users": [{ "email": "person@some.company.example" }] });
    told.push(format!("{:?}", operate.invoke(&refused).await));
    assert!(told[12].contains("violates check constraint"), "{}", told[12]);

    assert_eq!(database.number("SELECT count(*) FROM accounts WHERE role = 'admin'").await, 1);
    let output = operate.output().await;
    assert!(output.matches("\"done\"").count() == 4, "{output}");
    for secret in ["company.example", "person", "unknown", "argon2", "A$PBpX", "bad@", "worse@"] {
        assert!(!output.contains(secret), "{secret} is in {output}");
        for told in &told {
            // The advice about a hash shows an example.
            let told = told.replace("$argon2id$v=19$m=19456,t=2,p=1$salt$hash", "");
            let told = told.replace("Write each person", "");
            assert!(!told.contains(secret), "{secret} is in {told}");
        }
    }
}
