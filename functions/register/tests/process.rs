//! The function's own process, driven through the Lambda runtime API.

use serde_json::{Value, json};
use shared::testing::{Event, FunctionProcess, Mood, Payload};
use world::{KEY, PASSWORD, World, basic, metrics, sign_up_body, stays_small};

const ADDRESS: &str = "ada.lovelace@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_printed_at_the_loudest_level() {
    let world = World::new().await;
    let mut variables = world.variables_with_aws("register");
    for name in ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"] {
        variables.insert(name.to_owned(), "trace".to_owned());
    }
    let mut register = FunctionProcess::start(env!("CARGO_BIN_EXE_register"), &variables).await;

    let sign_up = Event::new("POST", "/register").json(&sign_up_body(ADDRESS, PASSWORD));
    for payload in [Payload::Rest, Payload::Http] {
        let (status, body) = register.send(&sign_up, payload).await;
        assert_eq!(status, 202, "{body}");
    }
    let credentials = basic(ADDRESS, PASSWORD);
    let resend =
        Event::new("POST", "/resend").json(&json!({})).header("authorization", &credentials);
    assert_eq!(register.send(&resend, Payload::Rest).await.0, 429);
    world.time_passes(31.0).await;
    assert_eq!(register.send(&resend, Payload::Rest).await.0, 202);
    // The cause of a failure is logged.
    world.database.execute("DROP TABLE codes CASCADE").await;
    assert_eq!(register.send(&sign_up, Payload::Http).await.0, 503);

    let output = register.output().await;
    assert_eq!(output.matches("request failed").count(), 1, "once: {output}");
    assert!(output.contains("request_id"), "with the id of the request: {output}");
    let codes = world.ses.mails().into_iter().filter_map(|mail| mail.code());
    let (_, key) = KEY.split_once(':').expect("a key has an id");
    let mut secrets = vec![ADDRESS.to_owned(), PASSWORD.to_owned(), credentials, key.to_owned()];
    secrets.push("wJalrXUtnFEMI".to_owned());
    secrets.extend(codes.map(|code| format!("\"{code}")));
    for secret in secrets {
        assert!(!output.contains(&secret), "{secret} is in the log: {output}");
    }
    assert!(!output.to_lowercase().contains("authorization"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_prints_one_line_of_metrics_without_personal_data() {
    let world = World::with(&[("ADDRESS_SIGNUPS_PER_DAY", "2")]).await;
    let mut register = FunctionProcess::start(
        env!("CARGO_BIN_EXE_register"),
        &world.variables_with_aws("register"),
    )
    .await;
    let sign_up = Event::new("POST", "/register").json(&sign_up_body(ADDRESS, PASSWORD));

    assert_eq!(register.send(&sign_up, Payload::Rest).await.0, 202);
    world.ses.is_in_mood(Mood::Fails(400, "MessageRejected"));
    assert_eq!(register.send(&sign_up, Payload::Rest).await.0, 503);
    world.ses.is_in_mood(Mood::HangsUp);
    assert_eq!(register.send(&sign_up, Payload::Rest).await.0, 503);
    assert_eq!(register.send(&sign_up, Payload::Rest).await.0, 429);
    // A caller's mistake is not logged as an error.
    assert_eq!(register.send(&Event::new("GET", "/register"), Payload::Rest).await.0, 405);

    let lines = metrics(&register.output().await);
    // A 5xx response has its own line of metrics, by the function's version.
    let (failed, lines): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|line| line["failed_requests"].is_number());
    assert_eq!(failed.len(), 2);
    let [signed_up, refused, unknown, limited] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(
        (&signed_up["cold_starts"], &signed_up["function"]),
        (&json!(1), &json!("function"))
    );
    assert_eq!((&signed_up["registrations"], &signed_up["mails_accepted"]), (&json!(1), &json!(1)));
    assert!(signed_up["ses_milliseconds"][0].as_f64().is_some_and(|time| time > 0.0));
    assert_eq!((&refused["mails_refused"], &refused["mail_unavailable"]), (&json!(1), &json!(1)));
    assert_eq!(refused["cold_starts"], Value::Null, "a process starts once");
    assert_eq!((&unknown["mails_unknown"], &unknown["registrations"]), (&json!(1), &Value::Null));
    assert_eq!((&limited["limits_hit"], &limited["mails_unknown"]), (&json!(1), &Value::Null));
    for line in &lines {
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Registration");
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["function"]]));
        assert!(!line.to_string().contains("ada"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_the_memory_of_one_hash_however_many_people_sign_up() {
    let world = World::new().await;
    let variables = world.variables_with_aws("register");
    let mut register =
        FunctionProcess::start_unheard(env!("CARGO_BIN_EXE_register"), &variables).await;
    stays_small(&mut register, 202, |number| {
        let body = sign_up_body(&format!("person{number}@example.com"), PASSWORD);
        Event::new("POST", "/register").json(&body)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_setting_stops_it_with_one_line_that_names_it() {
    let world = World::new().await;
    for (name, value) in [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "postgres://db.example.com/registration?sslmode=disable"),
        ("DATABASE_AUTH", "password"),
        ("MAIL_FROM", ""),
        ("PUBLIC_URL", "registration.example"),
        ("SECRET_KEY", "short:AAAA"),
        ("CODE_LENGTH", "3"),
        ("CODE_LIFETIME_SECONDS", "0"),
        ("NETWORK_SIGNUPS_PER_HOUR", "-1"),
        ("TRUSTED_CALLERS", "the office"),
        ("PASSWORD_MIN_LENGTH", "many"),
        ("AWS_LAMBDA_LOG_LEVEL", "WARNING"),
    ] {
        let mut variables = world.variables_of("register");
        variables.insert(name.to_owned(), value.to_owned());
        let register = FunctionProcess::start(env!("CARGO_BIN_EXE_register"), &variables).await;

        let (code, output) = register.ends().await;

        assert_ne!(code, Some(0), "{name}={value}");
        let lines: Vec<_> = output.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{name}={value}: {output}");
    }
}
