//! The function's own process, driven through the Lambda runtime API.

use serde_json::{Value, json};
use shared::testing::{Event, FunctionProcess, Payload};
use world::{KEY, PASSWORD, World, metrics, stays_small};

const ADDRESS: &str = "ada.lovelace@example.com";
const NEW: &str = "a new horse battery";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_printed_at_the_loudest_level() {
    let world = World::new().await;
    world.has_account(ADDRESS).await;
    let mut variables = world.variables_with_aws("account");
    for name in ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"] {
        variables.insert(name.to_owned(), "trace".to_owned());
    }
    let mut account = FunctionProcess::start(env!("CARGO_BIN_EXE_account"), &variables).await;

    let mut secrets = vec![ADDRESS.to_owned(), "lovelace%40".to_owned(), NEW.to_owned()];
    for (payload, password) in [(Payload::Rest, PASSWORD), (Payload::Http, NEW)] {
        let credentials = json!({ "email": ADDRESS, "password": password });
        let login = Event::new("POST", "/login").json(&credentials);
        let session = sends(&mut account, &login, payload, 200).await;
        let token = session["access_token"].as_str().expect("a token").to_owned();
        let mut form = Event::new("POST", "/login");
        form.body = Some(format!("username=ada.lovelace%40example.com&password={password}"));
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        sends(&mut account, &form, payload, 200).await;
        let bearer = |event: Event| event.header("authorization", &format!("Bearer {token}"));
        sends(&mut account, &bearer(Event::new("GET", "/users/me")), payload, 200).await;
        sends(&mut account, &bearer(Event::new("GET", "/users?limit=1")), payload, 403).await;
        let forgot = Event::new("POST", "/password/forgot").json(&json!({ "email": ADDRESS }));
        sends(&mut account, &forgot, payload, 202).await;
        let mails = world.mails_to(ADDRESS);
        let link = mails.last().and_then(|mail| mail.token("/password")).expect("a link");
        let reset = json!({ "token": link, "password": NEW });
        let reset = Event::new("POST", "/password/reset").json(&reset);
        sends(&mut account, &reset, payload, 204).await;
        let again = bearer(Event::new("POST", "/logout"));
        sends(&mut account, &again, payload, 401).await;
        secrets.extend([token.clone(), link, password.to_owned()]);
    }
    // The cause of a failure is logged, without the row that PostgreSQL quotes.
    let login = json!({ "email": ADDRESS, "password": NEW });
    let login = Event::new("POST", "/login").json(&login);
    let session = sends(&mut account, &login, Payload::Http, 200).await;
    let never = "ALTER TABLE accounts ADD CONSTRAINT never CHECK (locale <> 'fr')";
    world.database.execute(never).await;
    let bearer = format!("Bearer {}", session["access_token"].as_str().expect("a token"));
    let change = Event::new("PATCH", "/users/me").json(&json!({ "locale": "fr" }));
    sends(&mut account, &change.header("authorization", &bearer), Payload::Http, 503).await;

    let output = account.output().await;
    assert_eq!(output.matches("request failed").count(), 1, "once: {output}");
    assert!(output.contains("violates check constraint"), "{output}");
    let (_, key) = KEY.split_once(':').expect("a key has an id");
    secrets.extend([key.to_owned(), "wJalrXUtnFEMI".to_owned(), "eyJ".to_owned()]);
    for secret in secrets {
        assert!(!output.contains(&secret), "{secret} is in the log: {output}");
    }
    assert!(!output.to_lowercase().contains("authorization"), "{output}");

    let lines = metrics(&output);
    let sum = |name: &str| lines.iter().filter_map(|line| line[name].as_u64()).sum::<u64>();
    assert_eq!((sum("sign_ins"), sum("passwords_changed"), sum("password_failures")), (5, 2, 0));
}

/// A password hash with Argon2's full cost, unlike the others here.
#[tokio::test(flavor = "multi_thread")]
async fn a_deployed_function_hashes_with_all_its_work() {
    let world = World::new().await;
    world.has_account(ADDRESS).await;
    let variables = world.variables_with_aws("account");
    let mut account = FunctionProcess::start(env!("CARGO_BIN_EXE_account"), &variables).await;
    let credentials = json!({ "email": ADDRESS, "password": PASSWORD });
    let login = Event::new("POST", "/login").json(&credentials);
    sends(&mut account, &login, Payload::Rest, 200).await;
    // The test's other functions hash cheaply, so this function has rehashed the password.
    let hash: String = world.database.row("SELECT password_hash FROM accounts").await.get(0);
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_the_memory_of_one_hash_though_a_sign_in_verifies_two() {
    let world = World::new().await;
    let variables = world.variables_with_aws("account");
    let mut account =
        FunctionProcess::start_unheard(env!("CARGO_BIN_EXE_account"), &variables).await;
    stays_small(&mut account, 401, |number| {
        let email = format!("person{number}@example.com");
        Event::new("POST", "/login").json(&json!({ "email": email, "password": PASSWORD }))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_setting_stops_it_with_one_line_that_names_it() {
    let world = World::new().await;
    for (name, value) in [
        ("DATABASE_URL", ""),
        ("MAIL_FROM", ""),
        ("PUBLIC_URL", "registration.example"),
        ("SECRET_KEY", "short:AAAA"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("SESSION_SECONDS", "0"),
        ("ADDRESS_SIGNUPS_PER_DAY", "-1"),
        ("NETWORK_PASSWORD_FAILURES_PER_MINUTE", "few"),
        ("PASSWORD_MIN_LENGTH", "many"),
    ] {
        let mut variables = world.variables_of("account");
        variables.insert(name.to_owned(), value.to_owned());
        let account = FunctionProcess::start(env!("CARGO_BIN_EXE_account"), &variables).await;

        let (code, output) = account.ends().await;

        assert_ne!(code, Some(0), "{name}={value}");
        let lines: Vec<_> = output.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{name}={value}: {output}");
    }
}

async fn sends(
    account: &mut FunctionProcess,
    event: &Event,
    payload: Payload,
    status: u64,
) -> Value {
    let (answered, body) = account.send(event, payload).await;
    assert_eq!(answered, status, "{} {}: {body}", event.method, event.path);
    if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("JSON") }
}
