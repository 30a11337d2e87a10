//! What cannot be accepted, and in which order that is told.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared::testing::{Answer, Event, Payload};
use world::{PASSWORD, World, basic, sign_up_body};

const ADA: &str = "ada@example.com";
const TOO_LARGE: usize = 8193;

/// Sends what is refused: no mail, no row, no place, not even a statement.
async fn is_refused(world: &World, event: &Event, description: &str) -> Answer {
    let (rows, asked) = (world.all_rows().await, world.ses.asked());
    let statements = world.traffic().statements;
    let answer = world.send(event).await;
    assert!(answer.status >= 400, "{description}: {}", answer.body);
    assert_eq!(world.traffic().statements, statements, "{description}: no statement");
    assert_eq!((world.all_rows().await, world.ses.asked()), (rows, asked), "{description}");
    answer
}

fn raw(path: &str, body: &str) -> Event {
    let mut event = Event::new("POST", path).header("content-type", "application/json");
    event.body = Some(body.to_owned());
    event
}

/// `pointer code` of every bad field.
fn errors(answer: &Answer) -> Vec<String> {
    let errors = answer.is_problem(422, "invalid-input")["errors"].as_array().expect("errors");
    let text = |error: &Value| {
        let member = |name: &str| error[name].as_str().expect("a text").to_owned();
        format!("{} {}", member("pointer"), member("code"))
    };
    errors.iter().map(text).collect()
}

#[tokio::test]
async fn a_request_is_judged_in_one_order() {
    let mut world = World::on_the_wire(&[]).await;
    for payload in [Payload::Rest, Payload::Http] {
        world.payload = payload;
        // From the first to the last everything is wrong; then one thing after the other is put right.
        let mut event = Event::new("PUT", "/nowhere");
        event.body = Some("{".repeat(TOO_LARGE));
        is_refused(&world, &event, "path").await.is_problem(404, "not-found");

        event.path = "/resend".to_owned();
        let refused = is_refused(&world, &event, "method").await;
        refused.is_problem(405, "method-not-allowed");
        assert_eq!(refused.header("allow"), Some("POST"));

        event.method = "POST".to_owned();
        is_refused(&world, &event, "size").await.is_problem(413, "payload-too-large");
        event.body = Some("{".to_owned());
        is_refused(&world, &event, "type").await.is_problem(415, "unsupported-media-type");
        let mut event = event.header("content-type", "application/json");
        is_refused(&world, &event, "JSON").await.is_problem(400, "malformed-json");
        event.body = Some(r#"{"registration":7}"#.to_owned());
        let refused = is_refused(&world, &event, "shape").await;
        assert_eq!(errors(&refused), ["/registration not-a-string"]);
        event.body = Some("{}".to_owned());
        is_refused(&world, &event, "credentials").await.is_problem(401, "invalid-credentials");
    }
    assert_eq!(world.count("limits").await, 0);
}

#[tokio::test]
async fn limits_come_before_the_password_and_the_password_before_the_rest() {
    let world = World::with(&[("ATTEMPT_PASSWORD_FAILURES", "1")]).await;
    let ada = world.signs_up(ADA).await;
    let stranger = ada.clone().with_password("wrong horse battery");
    stranger.resends().await.is_problem(401, "invalid-credentials");
    stranger.resends().await.is_problem(429, "too-many-requests");
    ada.resends().await.is_problem(429, "too-many-requests");
    let event = stranger.event("/resend").json(&json!({ "registration": ada.registration }));
    world.send(&event).await.is_problem(401, "invalid-credentials");
    assert_eq!((world.ses.asked(), world.count("codes").await), (1, 1));
}

#[tokio::test]
async fn what_is_no_json_is_told_without_quoting_it() {
    let world = World::on_the_wire(&[]).await;
    let deep = "[".repeat(4000);
    for (body, description) in [
        ("", "nothing"),
        ("{", "cut off"),
        ("{'email':'typed'}", "the quotes of another language"),
        (r#"{"email":"typed@example.com",}"#, "a comma too many"),
        (r#"{"email":"typed\ud800@example.com"}"#, "a lone surrogate"),
        (r#"{"email":"typed\udc00\ud800"}"#, "surrogates the wrong way round"),
        ("{\"email\":\"typed\0\"}", "a NUL that is not escaped"),
        ("{\"email\":\"typed\n\"}", "a line break that is not escaped"),
        ("\u{feff}{}", "a byte order mark"),
        (r#"{"email":NaN}"#, "no number"),
        ("{} typed", "something after it"),
        ("email=typed%40example.com", "a form"),
        (deep.as_str(), "too deep"),
    ] {
        // A resend may leave its body out.
        let paths = ["/register", "/activate", "/resend"];
        for path in &paths[..if body.is_empty() { 2 } else { 3 }] {
            let refused = is_refused(&world, &raw(path, body), description).await;
            refused.is_problem(400, "malformed-json");
            assert!(!refused.body.to_string().contains("typed"), "{description}");
        }
    }
    for bytes in [b"{\"email\":\"ad\xe9\"}".as_slice(), b"\xff\xfe{\0}\0", b"{\"a\":\"\xc0\x80\"}"]
    {
        let mut event = raw("/register", &STANDARD.encode(bytes));
        event.is_base64 = true;
        is_refused(&world, &event, "no UTF-8").await.is_problem(400, "malformed-json");
    }
}

#[tokio::test]
async fn a_body_is_an_object() {
    let world = World::on_the_wire(&[]).await;
    for body in ["null", "true", "7", "\"text\"", "[]", "[{\"email\":\"ada@example.com\"}]"] {
        for path in ["/register", "/resend", "/activate"] {
            let refused = is_refused(&world, &raw(path, body), body).await;
            assert_eq!(errors(&refused), [" not-an-object"], "{body}");
        }
    }
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let world = World::on_the_wire(&[]).await;
    let uuid = "8f5a3a1e-52b7-4a27-a4c6-0f0f6f1c2d3e";
    let rows: [(&str, Value, &[&str]); 14] = [
        ("/register", json!({}), &["/email missing", "/password missing"]),
        (
            "/register",
            json!({ "email": null, "password": null }),
            &["/email missing", "/password missing"],
        ),
        (
            "/register",
            json!({ "email": "ada", "password": "short", "locale": "xx" }),
            &["/email not-an-address", "/password too-short", "/locale unknown-locale"],
        ),
        (
            "/register",
            json!({ "email": 1, "password": ["a"], "locale": {} }),
            &["/email not-a-string", "/password not-a-string", "/locale not-a-string"],
        ),
        (
            "/register",
            json!({ "email": ADA, "password": PASSWORD, "locale": "" }),
            &["/locale unknown-locale"],
        ),
        (
            "/register",
            json!({ "email": ADA, "password": PASSWORD, "locale": "fr\0" }),
            &["/locale unknown-locale"],
        ),
        ("/register", json!({ "Email": ADA, "password": PASSWORD }), &["/email missing"]),
        (
            "/register",
            json!({ "email": "a\0@example.com", "password": "a\0aaaaaaaa" }),
            &["/email local-part-invalid", "/password control-character"],
        ),
        ("/resend", json!({ "registration": "me" }), &["/registration not-a-uuid"]),
        ("/resend", json!({ "registration": format!("{uuid}\0") }), &["/registration not-a-uuid"]),
        ("/activate", json!({}), &["/code missing"]),
        (
            "/activate",
            json!({ "code": 427, "registration": [] }),
            &["/registration not-a-string", "/code not-a-string"],
        ),
        (
            "/activate",
            json!({ "code": "042", "registration": "" }),
            &["/registration not-a-uuid", "/code not-a-code"],
        ),
        ("/activate", json!({ "code": "0427\0", "registration": uuid }), &["/code not-a-code"]),
    ];
    for (path, body, expected) in rows {
        // The credentials are right in form: the shape of the fields is judged before them.
        let event = Event::new("POST", path).json(&body);
        let event = event.header("authorization", &basic(ADA, PASSWORD));
        let refused = is_refused(&world, &event, &body.to_string()).await;
        assert_eq!(errors(&refused), expected, "{body}");
    }
    let event = Event::new("POST", "/register").json(&json!({})).header("idempotency-key", "");
    let refused = is_refused(&world, &event, "also the header").await;
    assert_eq!(
        errors(&refused),
        ["/email missing", "/password missing", " idempotency-key-invalid"]
    );
}

#[tokio::test]
async fn a_body_is_json_of_at_most_eight_kibibytes() {
    let world = World::on_the_wire(&[
        ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0"),
        ("ADDRESS_SIGNUPS_PER_DAY", "0"),
    ])
    .await;
    let text = sign_up_body(ADA, PASSWORD).to_string();
    let of_size = |size: usize| format!("{text}{}", " ".repeat(size - text.len()));
    let mut base64 = raw("/register", &STANDARD.encode(of_size(8192)));
    base64.is_base64 = true;
    for (event, description) in [
        (raw("/register", &of_size(8192)), "8 KiB"),
        (base64.clone(), "8 KiB as Base64: more than that on its way"),
        (raw("/register", &text.replace("correct", "\\u0063orrect")), "escaped letters"),
        (
            raw("/register", &text.replace("{\"", "{\"unknown\":[1,{}],\"")),
            "members that we do not know",
        ),
    ] {
        assert_eq!(world.send(&event).await.status, 202, "{description}");
    }
    let mails = world.ses.asked();
    assert_eq!(mails, 4);

    for path in ["/register", "/resend", "/activate"] {
        is_refused(&world, &raw(path, &of_size(TOO_LARGE)), path)
            .await
            .is_problem(413, "payload-too-large");
        base64.path = path.to_owned();
        base64.body = Some(STANDARD.encode(of_size(TOO_LARGE)));
        is_refused(&world, &base64, path).await.is_problem(413, "payload-too-large");
    }
    for (media_type, is_taken) in [
        ("application/json; charset=utf-8", true),
        ("application/json;charset=\"UTF-8\"; a=b", true),
        ("Application/JSON", true),
        (" application/json ", true),
        ("application/problem+json", false),
        ("application/jsonp", false),
        ("application/x-www-form-urlencoded", false),
        ("text/plain; application/json", false),
        ("text/json", false),
        ("", false),
    ] {
        let mut event = Event::new("POST", "/register").header("content-type", media_type);
        event.body = Some(text.clone());
        if is_taken {
            assert_eq!(world.send(&event).await.status, 202, "{media_type}");
        } else {
            let refused = is_refused(&world, &event, media_type).await;
            refused.is_problem(415, "unsupported-media-type");
        }
    }
    let mut without = Event::new("POST", "/register");
    without.body = Some(text);
    is_refused(&world, &without, "no media type").await.is_problem(415, "unsupported-media-type");
    assert_eq!((world.ses.asked(), world.count("accounts").await), (8, 8));
}
