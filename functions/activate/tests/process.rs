//! The function's own process, driven through the Lambda runtime API.

use serde_json::json;
use shared::testing::{Event, FunctionProcess, Payload};
use world::{KEY, PASSWORD, World, basic, wrong};

const ADDRESS: &str = "ada.lovelace@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_printed_at_the_loudest_level() {
    let world = World::new().await;
    let ada = world.signs_up(ADDRESS).await;
    let code = ada.mailed_code();
    let mut variables = world.variables_of("activate");
    for name in ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"] {
        variables.insert(name.to_owned(), "trace".to_owned());
    }
    let mut activate = FunctionProcess::start(env!("CARGO_BIN_EXE_activate"), &variables).await;

    let credentials = basic(ADDRESS, PASSWORD);
    let guess = |code: &str| {
        let body = json!({ "code": code, "registration": ada.registration });
        Event::new("POST", "/activate").json(&body).header("authorization", &credentials)
    };
    let health = Event::new("GET", "/health");
    assert_eq!(activate.send(&health, Payload::Http).await.0, 200);
    assert_eq!(activate.send(&guess(&wrong(&code)), Payload::Http).await.0, 403);
    let (status, body) = activate.send(&guess(&code), Payload::Rest).await;
    assert_eq!(status, 200, "{body}");
    // A failure has a cause, and the cause is logged.
    world.database.execute("DROP TABLE codes").await;
    assert_eq!(activate.send(&guess(&code), Payload::Http).await.0, 503);

    let output = activate.output().await;
    assert_eq!(output.matches("request failed").count(), 1, "once: {output}");
    let (_, key) = KEY.split_once(':').expect("a key has an id");
    let quoted_code = format!("\"{code}");
    for secret in [ADDRESS, PASSWORD, &credentials, key, &quoted_code] {
        assert!(!output.contains(secret), "{secret} is in the log: {output}");
    }
    assert!(!output.to_lowercase().contains("authorization"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_only_for_the_settings_that_it_uses() {
    let world = World::new().await;
    let mut variables = world.variables_of("activate");
    variables.remove("MAIL_FROM");
    variables.remove("PUBLIC_URL");
    let mut activate = FunctionProcess::start(env!("CARGO_BIN_EXE_activate"), &variables).await;
    assert_eq!(activate.send(&Event::new("GET", "/health"), Payload::Http).await.0, 200);
}
