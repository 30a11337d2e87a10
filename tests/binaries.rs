//! Functions that were built before, on the schema of today. `migrations/README.md` tells how.

use serde_json::{Value, json};
use shared::testing::{Event, FunctionProcess, Payload, SentMail};
use world::{PASSWORD, World, basic, sign_up_body, wrong_code};

const ADDRESS: &str = "ada@example.com";

/// One binary, in the role of its function.
async fn start(folder: &str, function: &str, world: &World) -> FunctionProcess {
    let variables = world.variables_with_aws(function);
    FunctionProcess::start(&format!("{folder}/{function}"), &variables).await
}

/// Their own functions in the database come beside those of today.
async fn migrates(folder: &str, world: &World) {
    let mut variables = world.variables_of("maintain");
    variables.insert("DATABASE_URL".to_owned(), world.database.url());
    variables.insert("OPERATE_COMMANDS".to_owned(), "migrate".to_owned());
    let mut operate = FunctionProcess::start(&format!("{folder}/operate"), &variables).await;
    operate.invoke(&json!({ "command": "migrate" })).await.expect("it succeeds");
}

#[expect(
    clippy::print_stdout,
    reason = "the operator who runs this wants to see what was answered"
)]
async fn sends(function: &mut FunctionProcess, event: &Event, status: u64) -> Value {
    let (answered, body) = function.send(event, Payload::Rest).await;
    println!("{} {} -> {answered} {body}", event.method, event.path);
    assert_eq!(answered, status, "{} {}: {body}", event.method, event.path);
    serde_json::from_str(&body).expect("JSON")
}

/// A sign-up with everything that can come between it and the account.
#[tokio::test(flavor = "multi_thread")]
async fn binaries_of_an_earlier_commit_work_on_this_schema() {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings to read it from")]
    let folder = std::env::var("FUNCTIONS").expect("FUNCTIONS names a folder");
    let world = World::new().await;
    migrates(&folder, &world).await;
    let mut register = start(&folder, "register", &world).await;
    let mut activate = start(&folder, "activate", &world).await;
    sends(&mut activate, &Event::new("GET", "/health"), 200).await;

    let sign_up = Event::new("POST", "/register").json(&sign_up_body(ADDRESS, PASSWORD));
    let sign_up = sign_up.header("idempotency-key", "key");
    let registration = sends(&mut register, &sign_up, 202).await["registration"].clone();
    assert_eq!(sends(&mut register, &sign_up, 202).await["registration"], registration);
    let mailed = || world.mails_to(ADDRESS).last().and_then(SentMail::code).expect("a code");
    let first = mailed();
    let with = |path: &str, body: Value| {
        Event::new("POST", path).json(&body).header("authorization", &basic(ADDRESS, PASSWORD))
    };
    let named = |code: &str| json!({ "code": code, "registration": registration });
    sends(&mut activate, &with("/activate", named(&wrong_code(&first))), 403).await;
    sends(&mut activate, &with("/activate", json!({ "code": wrong_code(&first) })), 403).await;
    let stranger = basic(ADDRESS, "wrong horse battery");
    let stranger =
        Event::new("POST", "/resend").json(&json!({})).header("authorization", &stranger);
    sends(&mut register, &stranger, 401).await;

    world.time_passes(61.0).await;
    sends(&mut activate, &with("/activate", named(&first)), 410).await;
    sends(&mut register, &with("/resend", json!({ "registration": registration })), 202).await;
    world.ses.is_in_mood(shared::testing::Mood::Fails(400, "MessageRejected"));
    sends(&mut register, &sign_up.clone().header("idempotency-key", "other"), 503).await;
    world.ses.is_in_mood(shared::testing::Mood::Accepts);
    let activated = sends(&mut activate, &with("/activate", named(&mailed())), 200).await;
    assert_eq!(activated["id"], registration);
    sends(&mut activate, &with("/activate", json!({ "code": mailed() })), 200).await;
    sends(&mut register, &with("/resend", json!({})), 409).await;
    world.purges().await;
    assert_eq!(world.active_accounts().await, 1);
}
