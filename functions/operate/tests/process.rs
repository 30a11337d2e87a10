//! The function's own process, driven through the Lambda runtime API.

use std::collections::HashMap;

use serde_json::json;
use shared::testing::{FunctionProcess, TestDatabase};

fn variables(database: &TestDatabase, commands: &str) -> HashMap<String, String> {
    [
        ("DATABASE_URL", database.url().as_str()),
        ("OPERATE_COMMANDS", commands),
        ("AWS_LAMBDA_LOG_LEVEL", "trace"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

async fn start(variables: &HashMap<String, String>) -> FunctionProcess {
    FunctionProcess::start(env!("CARGO_BIN_EXE_operate"), variables).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_migrates_and_reads_what_was_done() {
    let database = TestDatabase::empty().await;
    let mut operate = start(&variables(&database, "migrate")).await;
    let migrate = json!({ "command": "migrate" });

    let first = operate.invoke(&migrate).await.expect("it succeeds");
    let again = operate.invoke(&migrate).await.expect("it succeeds");

    assert_eq!(first["applied"][0], "V1__create_accounts");
    assert_eq!(first["indexes"][0], "accounts_active");
    let functions = first["functions"].as_str().expect("a schema");
    assert!(functions.starts_with("functions_"), "{functions}");
    let nothing = json!({ "applied": [], "indexes": [], "functions": null, "removed": [] });
    assert_eq!(again, nothing);
    assert_eq!(database.number("SELECT count(*) FROM accounts").await, 0);
    let output = operate.output().await;
    assert_eq!(output.matches("\"done\"").count(), 2, "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deployment_does_not_accept_fails_and_changes_nothing() {
    let database = TestDatabase::empty().await;
    let mut operate = start(&variables(&database, " purge ")).await;
    for event in [
        json!({ "command": "migrate" }),
        json!({ "command": "drop" }),
        json!({ "command": ["purge"] }),
        json!({}),
        json!("purge"),
    ] {
        let error = operate.invoke(&event).await.expect_err("the invocation fails");
        assert_eq!(error["errorType"], "NotAccepted", "{event}: {error}");
        let message = error["errorMessage"].as_str().expect("a message");
        assert!(message.ends_with("that this function accepts: purge"), "{event}: {message}");
    }
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.number(tables).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_fails_fails_the_invocation_and_says_why() {
    let database = TestDatabase::empty().await;
    let mut operate = start(&variables(&database, "migrate,purge")).await;

    let error = operate.invoke(&json!({ "command": "purge" })).await.expect_err("no tables");
    assert_eq!(error["errorType"], "Purge");
    let message = error["errorMessage"].as_str().expect("a message");
    assert!(message.contains("does not have the functions of this build: run `migrate`"));
    assert!(message.contains("does not exist"), "{message}");

    database.execute("CREATE TABLE audit_log ()").await;
    let error = operate.invoke(&json!({ "command": "migrate" })).await.expect_err("in the way");
    assert_eq!(error["errorType"], "Migrate");
    let message = error["errorMessage"].as_str().expect("a message");
    assert!(message.contains("V4__create_audit_log"), "{message}");
    assert!(message.contains("relation \"audit_log\" already exists"), "{message}");

    // The next run continues where this one stopped.
    database.execute("DROP TABLE audit_log").await;
    let rest = operate.invoke(&json!({ "command": "migrate" })).await.expect("it succeeds");
    assert_eq!(rest["applied"][0], "V4__create_audit_log");
    let purged = operate.invoke(&json!({ "command": "purge" })).await.expect("it succeeds");
    assert_eq!(purged["complete"], true);
    assert_eq!(purged["deleted"]["codes"], 0);
    let output = operate.output().await;
    for message in ["does not exist", "already exists"] {
        assert_eq!(output.matches(message).count(), 1, "once: {output}");
    }
    assert!(!output.contains("CREATE TABLE"), "no statement of a migration: {output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_setting_stops_it_with_one_line_that_names_it() {
    let database = TestDatabase::empty().await;
    for (name, value) in [
        ("DATABASE_URL", ""),
        ("OPERATE_COMMANDS", ""),
        ("OPERATE_COMMANDS", "purge,drop"),
        ("OPERATE_COMMANDS", ","),
        ("AWS_LAMBDA_LOG_LEVEL", "WARNING"),
    ] {
        let mut variables = variables(&database, "purge");
        variables.insert(name.to_owned(), value.to_owned());

        let (code, output) = start(&variables).await.ends().await;

        assert_ne!(code, Some(0), "{name}={value}");
        let lines: Vec<_> = output.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{name}={value}: {output}");
    }
}
