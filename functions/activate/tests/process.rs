//! The function's own process, driven through the Lambda runtime API.

use serde_json::json;
use shared::testing::{Event, FunctionProcess, Payload};
use world::{KEY, PASSWORD, World, basic, metrics, stays_small, wrong_code};

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
    assert_eq!(activate.send(&guess(&wrong_code(&code)), Payload::Http).await.0, 403);
    let (status, body) = activate.send(&guess(&code), Payload::Rest).await;
    assert_eq!(status, 200, "{body}");
    // Whatever a caller writes into a path or a method.
    let strange = Event::new("GET", &format!("/activate/{ADDRESS}/{PASSWORD}"));
    assert_eq!(activate.send(&strange, Payload::Http).await.0, 404);
    assert_eq!(activate.send(&Event::new(ADDRESS, "/activate"), Payload::Http).await.0, 405);
    // The cause of a failure is logged.
    world.database.execute("DROP TABLE codes CASCADE").await;
    assert_eq!(activate.send(&guess(&code), Payload::Http).await.0, 503);

    let output = activate.output().await;
    assert_eq!(output.matches("request failed").count(), 1, "once: {output}");
    // A line for each request, which names the route.
    for (method, path, status) in [
        ("GET", "/health", 200),
        ("POST", "/activate", 403),
        ("POST", "/activate", 200),
        ("GET", "(no such path)", 404),
        ("(other)", "/activate", 405),
        ("POST", "/activate", 503),
    ] {
        let request = format!(r#""method":"{method}","path":"{path}","status":{status},"#);
        assert_eq!(output.matches(&request).count(), 1, "{request} in {output}");
    }
    let (_, key) = KEY.split_once(':').expect("a key has an id");
    let quoted_code = format!("\"{code}");
    for secret in [ADDRESS, PASSWORD, &credentials, key, &quoted_code] {
        assert!(!output.contains(secret), "{secret} is in the log: {output}");
    }
    assert!(!output.to_lowercase().contains("authorization"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_the_memory_of_one_hash_though_a_guess_verifies_two() {
    let world = World::new().await;
    let variables = world.variables_of("activate");
    let mut activate =
        FunctionProcess::start_unheard(env!("CARGO_BIN_EXE_activate"), &variables).await;
    stays_small(&mut activate, 401, |number| {
        let credentials = basic(&format!("person{number}@example.com"), PASSWORD);
        let event = Event::new("POST", "/activate").json(&json!({ "code": "1234" }));
        event.header("authorization", &credentials)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_guesses_and_how_much_of_the_minute_people_need() {
    let world = World::with(&[("ADDRESS_GUESSES_PER_DAY", "1")]).await;
    let ada = world.signs_up(ADDRESS).await;
    world.time_passes(20.0).await;
    let code = ada.mailed_code();
    let mut activate =
        FunctionProcess::start(env!("CARGO_BIN_EXE_activate"), &world.variables_of("activate"))
            .await;
    let credentials = basic(ADDRESS, PASSWORD);
    let guess = |code: &str, credentials: &str| {
        let body = json!({ "code": code, "registration": ada.registration });
        Event::new("POST", "/activate").json(&body).header("authorization", credentials)
    };

    let stranger = basic(ADDRESS, "wrong horse battery");
    assert_eq!(activate.send(&guess(&code, &stranger), Payload::Http).await.0, 401);
    for (tried, status) in
        [(wrong_code(&code), 403), (wrong_code(&code), 403), (wrong_code(&code), 429)]
    {
        assert_eq!(activate.send(&guess(&tried, &credentials), Payload::Http).await.0, status);
    }
    // The address has its guesses back, and the code has expired.
    world.database.execute("UPDATE limits SET taken = '{}'").await;
    world.time_passes(61.0).await;
    assert_eq!(activate.send(&guess(&code, &credentials), Payload::Http).await.0, 410);
    ada.resends().await.is(202);
    world.time_passes(20.0).await;
    let code = ada.mailed_code();
    for _ in 0..2 {
        assert_eq!(activate.send(&guess(&code, &credentials), Payload::Http).await.0, 200);
    }

    let lines = metrics(&activate.output().await);
    let counted: Vec<_> = lines
        .iter()
        .flat_map(|line| line.as_object().expect("an object"))
        .filter(|(_, value)| **value == json!(1))
        .map(|(name, _)| name.as_str())
        .collect();
    let expected = [
        "cold_starts",
        "password_failures",
        "codes_incorrect",
        "codes_incorrect",
        "guess_budgets_spent",
        "limits_hit",
        "codes_expired",
        "activations",
    ];
    assert_eq!(counted, expected, "a repeated request activates nothing");
    let seconds = &lines.last().expect("lines")["activation_seconds"];
    assert!(seconds[0].as_f64().is_some_and(|s| (20.0..40.0).contains(&s)), "{seconds}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_grant_is_answered_503_and_told_of_this_version() {
    let world = World::new().await;
    let mut activate =
        FunctionProcess::start(env!("CARGO_BIN_EXE_activate"), &world.variables_of("activate"))
            .await;
    assert_eq!(activate.send(&Event::new("GET", "/health"), Payload::Http).await.0, 200);
    // Like a new `.sql` file that lacks its grant.
    let forget = "DO $$ DECLARE build text; BEGIN
        FOR build IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^functions_' LOOP
            EXECUTE format('REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA %I FROM activate', build);
        END LOOP; END $$";
    world.database.execute(forget).await;

    let guess = Event::new("POST", "/activate").json(&json!({ "code": "0427" }));
    let guess = guess.header("authorization", &basic(ADDRESS, PASSWORD));
    assert_eq!(activate.send(&guess, Payload::Http).await.0, 503);

    let lines = metrics(&activate.output().await);
    let failed = lines.iter().find(|line| line["failed_requests"] == 1).expect("it is counted");
    assert_eq!(failed["version"], "1");
    let dimensions = &failed["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
    assert_eq!(dimensions, &json!([["function", "version"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_only_for_the_settings_that_it_uses() {
    let world = World::new().await;
    let mut variables = world.variables_of("activate");
    variables.remove("MAIL_FROM");
    let mut activate = FunctionProcess::start(env!("CARGO_BIN_EXE_activate"), &variables).await;
    assert_eq!(activate.send(&Event::new("GET", "/health"), Payload::Http).await.0, 200);
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_answered() {
    let world = World::new().await;
    let variables = world.variables_of("activate");
    let mut activate = FunctionProcess::start(env!("CARGO_BIN_EXE_activate"), &variables).await;
    for payload in [Payload::Rest, Payload::Http] {
        let event = Event::new("GET", "/health").header("x-name", "PLACE").document(payload);
        let event = event.to_string();
        let (before, after) = event.split_once("PLACE").expect("it is there");
        for name in [&b"caf\xe9"[..], b"\xff\xfe", b"\xc3(", b"\\ud800", b"\\u0000"] {
            let bytes = [before.as_bytes(), name, after.as_bytes()].concat();
            let answer = activate.invoke_with(bytes).await.expect("no invocation fails");
            let status = answer["statusCode"].as_u64();
            // A lone surrogate makes the event no JSON, so nothing of it is known.
            let expected = if name == b"\\ud800" { 404 } else { 200 };
            assert_eq!(status, Some(expected), "{name:?}");
        }
    }
    let answer = activate.invoke_with(b"no JSON".to_vec()).await.expect("no invocation fails");
    assert_eq!(answer["statusCode"], 404);
}
