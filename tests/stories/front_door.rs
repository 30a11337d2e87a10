//! What every function does with an event, whatever the event holds.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared::testing::{Answer, Event, Payload};
use world::{PASSWORD, World, basic, sign_up_body};

const ADA: &str = "ada@example.com";
const BOTH: [Payload; 2] = [Payload::Rest, Payload::Http];

/// Sends this very document to the function that the event is for.
async fn send(world: &World, event: &Event, document: &Value) -> Answer {
    world.send_document(event, document).await
}

#[tokio::test]
async fn what_makes_no_url_is_answered_like_anything_else() {
    let world = World::new().await;
    for payload in BOTH {
        for (name, value) in [
            ("x-forwarded-proto", "https,http"),
            ("x-forwarded-proto", "ht tp"),
            ("host", "256.1.1.1"),
            ("host", "a.example:99999"),
            ("host", ""),
            ("host", "[::1"),
            ("host", "a b/c?d#e"),
            ("x-forwarded-host", "é"),
        ] {
            let event = Event::new("GET", "/health").header(name, value);
            send(&world, &event, &event.document(payload)).await.is(200);
        }
    }
    let health = Event::new("GET", "/health");
    for query in ["utm_source=a b", "%", "%zz=1", "a=%ff", "é", "&&=&", "#"] {
        let mut document = health.document(Payload::Http);
        document["rawQueryString"] = json!(query);
        send(&world, &health, &document).await.is(200);
    }
}

#[tokio::test]
async fn a_member_of_the_event_may_be_missing_or_of_another_type() {
    let world = World::new().await;
    let health = Event::new("GET", "/health");
    for payload in BOTH {
        let whole = health.document(payload);
        let needed = ["path", "httpMethod", "rawPath", "requestContext"];
        for name in whole.as_object().expect("members").keys() {
            for value in [Value::Null, json!([]), json!(7), json!({ "a": [null] }), json!("é")] {
                let mut document = whole.clone();
                document[name] = value.clone();
                let answer = send(&world, &health, &document).await;
                let may_miss = !needed.contains(&name.as_str()) || answer.status != 404;
                assert!(may_miss || answer.status == 404, "{name}: {value}");
                assert!(answer.status < 500, "{name}: {value}: {}", answer.body);
            }
        }
        let context = if payload == Payload::Rest {
            "/requestContext/identity"
        } else {
            "/requestContext/http"
        };
        let mut document = whole.clone();
        document.pointer_mut(context).expect("it is there")["sourceIp"] = json!("not an address");
        send(&world, &health, &document).await.is(200);
    }
    for document in [Value::Null, json!([]), json!("text"), json!({})] {
        send(&world, &health, &document).await.is_problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_body_that_is_not_base64_is_read_as_it_is() {
    let world = World::new().await;
    let body = json!({ "email": ADA, "password": PASSWORD });
    for payload in BOTH {
        let mut event = Event::new("POST", "/register").json(&body);
        event.is_base64 = true;
        world.send_document(&event, &event.document(payload)).await.is(202);
        event.body = Some(STANDARD.encode(body.to_string()));
        world.send_document(&event, &event.document(payload)).await.is(202);
    }
}

#[tokio::test]
async fn a_path_may_begin_with_a_stage_or_with_the_path_of_the_public_url() {
    let mut world = World::with(&[("PUBLIC_URL", "https://example.com/accounts/v1/")]).await;
    for payload in BOTH {
        world.payload = payload;
        for path in ["/health", "/accounts/v1/health"] {
            let document = Event::new("GET", path).document(payload);
            send(&world, &Event::new("GET", "/health"), &document).await.is(200);
        }
        for path in ["/accounts/v1health", "/accounts/health", "/accounts/v1/accounts/v1/health"] {
            let answer = world.send_to("activate", &Event::new("GET", path)).await;
            answer.is_problem(404, "not-found");
        }
    }
    let mut document = Event::new("GET", "/dev/health").document(Payload::Http);
    document["requestContext"]["stage"] = json!("dev");
    send(&world, &Event::new("GET", "/health"), &document).await.is(200);
    // A stage may have the name of a path.
    let mut document = Event::new("GET", "/users/me").document(Payload::Http);
    document["requestContext"]["stage"] = json!("users");
    send(&world, &Event::new("GET", "/users/me"), &document).await.is(401);
}

#[tokio::test]
async fn a_header_that_comes_twice_is_read_alike_in_both_payloads() {
    const OURS: &str = "https://registration.example";
    let world = World::new().await;
    let sign_up = Event::new("POST", "/register").json(&sign_up_body(ADA, PASSWORD));
    for (name, values) in [
        ("origin", [OURS, "https://evil.example"]),
        ("origin", ["https://evil.example", OURS]),
        ("sec-fetch-site", ["same-origin", "cross-site"]),
    ] {
        let mut rest = sign_up.document(Payload::Rest);
        rest["multiValueHeaders"][name] = json!(values);
        let mut http = sign_up.document(Payload::Http);
        http["headers"][name] = json!(values.join(","));
        for document in [rest, http] {
            send(&world, &sign_up, &document).await.is_problem(403, "forbidden");
        }
    }
    assert_eq!(world.ses.asked(), 0);
}

#[tokio::test]
async fn what_answers_get_answers_head_without_a_body() {
    let mut world = World::new().await;
    let ada = world.visitor(ADA).await;
    let (token, id) = (ada.token.clone(), ada.id().clone());
    for payload in BOTH {
        world.payload = payload;
        for path in ["/health", "/users/me", &format!("/users/{id}")] {
            let bearer = format!("Bearer {token}");
            let get = Event::new("GET", path).header("authorization", &bearer);
            let head = Event::new("HEAD", path).header("authorization", &bearer);
            world.send(&get).await.is(200);
            let answer = world.send(&head).await;
            assert_eq!((answer.status, &answer.body), (200, &Value::Null), "{path}");
            let refused = world.send(&Event::new("HEAD", "/users/me")).await;
            assert_eq!((refused.status, &refused.body), (401, &Value::Null));
        }
    }
}

#[tokio::test]
async fn a_challenge_names_the_scheme_that_the_route_takes() {
    let mut world = World::new().await;
    let basic = r#"Basic realm="registration", charset="UTF-8""#;
    for payload in BOTH {
        world.payload = payload;
        let wrong = json!({ "email": ADA, "password": "wrong wrong" });
        for (event, challenge) in [
            (Event::new("POST", "/activate").json(&json!({ "code": "0000" })), basic),
            (Event::new("POST", "/resend").json(&json!({})), basic),
            (Event::new("POST", "/login").json(&wrong), "Bearer"),
            (Event::new("POST", "/logout"), "Bearer"),
            (Event::new("GET", "/users/me"), "Bearer"),
            (Event::new("GET", "/users"), "Bearer"),
            (Event::new("DELETE", "/users/me"), "Bearer"),
        ] {
            let answer = world.send(&event).await;
            answer.is_problem(401, "invalid-credentials");
            assert_eq!(answer.header("www-authenticate"), Some(challenge), "{}", event.path);
        }
    }
}

#[tokio::test]
async fn a_browser_forgets_a_session_that_has_ended() {
    let world = World::new().await;
    let dead = Event::new("GET", "/users/me").header("cookie", "__Host-session=dead");
    let answer = world.send(&dead).await;
    answer.is_problem(401, "invalid-credentials");
    assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    let none = world.send(&Event::new("GET", "/users/me")).await;
    assert_eq!(none.header("set-cookie"), None);
}

#[tokio::test]
async fn an_id_is_read_without_case() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let id = ada.id().clone();
    for spelling in [id.clone(), id.to_uppercase()] {
        let event = ada.event("GET", &format!("/users/{spelling}"), None);
        assert_eq!(world.send(&event).await.is(200)["id"], id.as_str());
    }
    let mut bob = world.signs_up("bob@example.com").await;
    let code = bob.mailed_code();
    bob.registration = bob.registration.map(|id| id.to_uppercase());
    bob.activates_with(&code).await.is(200);
}

#[tokio::test]
async fn a_password_that_is_not_utf_8_is_told_so_before_anything_is_looked_up() {
    let world = World::on_the_wire(&[]).await;
    let latin_1 = STANDARD.encode(b"ada@example.com:correct h\xf6rse battery");
    for path in ["/activate", "/resend"] {
        let event = Event::new("POST", path).json(&json!({ "code": "0000" }));
        let statements = world.traffic().statements;
        let told =
            world.send(&event.clone().header("authorization", &format!("Basic {latin_1}"))).await;
        let detail = told.is_problem(401, "invalid-credentials")["detail"].to_string();
        assert!(detail.contains("UTF-8"), "{detail}");
        assert_eq!(world.traffic().statements, statements);
        let wrong = world.send(&event.header("authorization", &basic(ADA, "wrong"))).await;
        let detail = wrong.is_problem(401, "invalid-credentials")["detail"].to_string();
        assert!(!detail.contains("UTF-8"), "{detail}");
    }
}

/// A client that sends Latin-1, or a gateway that damaged the bytes.
#[tokio::test]
async fn a_field_that_is_not_utf_8_is_told_so_before_anything_is_looked_up() {
    let world = World::new().await;
    let mut form =
        Event::new("POST", "/login").header("content-type", "application/x-www-form-urlencoded");
    form.body = Some(format!("username={ADA}&password=caf%E9+horse+battery"));
    let damaged = sign_up_body(ADA, "caf\u{FFFD} horse battery");
    let rows = world.all_rows().await;
    for event in [form, Event::new("POST", "/register").json(&damaged)] {
        let answer = world.send(&event).await;
        let errors = &answer.is_problem(422, "invalid-input")["errors"];
        assert_eq!(errors[0]["pointer"], "/password");
        assert_eq!(errors[0]["code"], "not-utf-8");
    }
    assert_eq!(world.all_rows().await, rows);
}

#[tokio::test]
async fn a_resend_without_a_body_is_one_that_names_no_attempt() {
    let world = World::with(&[("RESEND_COOLDOWN_SECONDS", "0")]).await;
    world.signs_up(ADA).await;
    let event = Event::new("POST", "/resend").header("authorization", &basic(ADA, PASSWORD));
    world.send(&event).await.is(202);
    // What `curl -d ''` sends.
    let form = event.header("content-type", "application/x-www-form-urlencoded");
    world.send(&form).await.is(202);
    assert_eq!(world.mails_to(ADA).len(), 3);
}

#[tokio::test]
async fn an_empty_password_is_missing_in_json_as_in_a_form() {
    let world = World::new().await;
    let json = Event::new("POST", "/login").json(&json!({ "email": ADA, "password": "" }));
    let mut form =
        Event::new("POST", "/login").header("content-type", "application/x-www-form-urlencoded");
    form.body = Some(format!("username={ADA}&password="));
    for event in [json, form] {
        let answer = world.send(&event).await;
        let errors = &answer.is_problem(422, "invalid-input")["errors"];
        assert_eq!(errors[0]["pointer"], "/password");
        assert_eq!(errors[0]["code"], "missing");
    }
}

#[tokio::test]
async fn an_encoded_word_is_not_an_address() {
    let world = World::new().await;
    for email in [
        "=?utf-8?q?=40evil.example=00?=@example.com",
        "=?UTF-8?B?YQ==?=@example.com",
        "=?iso-8859-1?q?a?=@example.com",
        "ada=?utf-8?q?=2C?=@example.com",
    ] {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = world.send(&Event::new("POST", "/register").json(&body)).await;
        assert_eq!(answer.is_problem(422, "invalid-input")["errors"][0]["pointer"], "/email");
    }
    assert_eq!(world.ses.asked(), 0);
}

#[tokio::test]
async fn every_refused_field_is_told_in_a_sentence() {
    let world = World::new().await;
    for (email, password) in
        [("ada", "short"), ("é@example.com", "password"), ("ada@localhost", ADA)]
    {
        let body = json!({ "email": email, "password": password });
        let answer = world.send(&Event::new("POST", "/register").json(&body)).await;
        for error in answer.is_problem(422, "invalid-input")["errors"].as_array().expect("errors") {
            let detail = error["detail"].as_str().expect("a text");
            assert!(detail.starts_with(char::is_uppercase) && detail.ends_with('.'), "{detail}");
        }
    }
}
