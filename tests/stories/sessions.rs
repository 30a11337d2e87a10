//! Signing in and out, and everything that ends a session.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use shared::{
    domain::keys::Keys,
    testing::{Answer, Event, Payload},
};
use world::{KEY, Visitor, World};

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn a_person_signs_in_reads_their_account_and_signs_out() {
    for payload in [Payload::Rest, Payload::Http] {
        let mut world = World::new().await;
        world.payload = payload;
        let ada = world.has_account(ADA).await;

        let answer = ada.clone().unnamed().signs_in().await;
        let session = answer.is(200);
        assert_eq!(session["token_type"], "Bearer");
        assert_eq!((&session["expires_in"], &session["activated"]), (&json!(1800), &json!(true)));
        assert_eq!(answer.header("set-cookie"), None, "a program gets no cookie");

        let ada = ada.visits().await;
        let me = ada.reads_itself().await;
        assert_eq!((&me.is(200)["email"], &me.body["role"]), (&json!(ADA), &json!("member")));
        assert_eq!(me.body["id"].as_str(), ada.person.registration.as_deref());
        assert_eq!((&me.body["disabled"], &me.body["locale"]), (&json!(false), &json!("en")));

        ada.signs_out().await.is(204);
        is_signed_out(&ada).await;
        ada.signs_out().await.is_problem(401, "invalid-credentials");
        assert_eq!(world.count("ended_sessions").await, 1);
    }
}

#[tokio::test]
async fn a_session_has_no_row_until_it_is_ended() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    let rows = world.all_rows().await;
    let session = ada.visits().await;
    assert_eq!(world.all_rows().await, rows);
    session.signs_out().await.is(204);
    assert_eq!(world.count("ended_sessions").await, 1);
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let world = World::new().await;
    let phone = world.visitor(ADA).await;
    let desk = phone.person.visits().await;
    let bob = world.visitor("bob@example.com").await;
    phone.signs_out().await.is(204);
    is_signed_out(&phone).await;
    desk.reads_itself().await.is(200);
    bob.reads_itself().await.is(200);
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_no_script_and_no_other_site_can_use() {
    for payload in [Payload::Rest, Payload::Http] {
        let mut world = World::new().await;
        world.payload = payload;
        let ada = world.has_account(ADA).await;

        let answer = ada.signs_in_with_a_form().await;
        assert_eq!(answer.is(200), &json!({ "expires_in": 1800, "activated": true }));
        let cookie = answer.header("set-cookie").expect("a cookie");
        let (session, attributes) = cookie.split_once(';').expect("attributes");
        assert!(session.starts_with("__Host-session=ey"), "{session}");
        assert_eq!(attributes, " Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax");

        let me =
            Event::new("GET", "/users/me").header("cookie", &format!("thème=é; b; {session};"));
        assert_eq!(world.send(&me).await.is(200)["email"], ADA);
        let out = Event::new("POST", "/logout")
            .header("cookie", session)
            .header("sec-fetch-site", "same-origin");
        let signed_out = world.send(&out).await;
        signed_out.is(204);
        let forgotten = "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(signed_out.header("set-cookie"), Some(forgotten));
        world.send(&me).await.is_problem(401, "invalid-credentials");
    }
}

#[tokio::test]
async fn a_form_whose_attempt_was_left_empty_names_none() {
    let world = World::new().await;
    world.has_account(ADA).await;
    let sends = async |body: &str| {
        let mut event = Event::new("POST", "/login");
        event.body = Some(body.to_owned());
        let form = "application/x-www-form-urlencoded; charset=UTF-8";
        world.send(&event.header("content-type", form)).await
    };
    let filled = "username=ADA%40example.com&password=correct+horse+battery&registration=";
    sends(filled).await.is(200);
    let empty = sends("username=&password=&registration=x").await;
    let errors = empty.is_problem(422, "invalid-input")["errors"].as_array().expect("errors");
    let pointers: Vec<_> = errors.iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/username", "/password", "/registration"]);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_or_as_the_setting_says() {
    let mut world = World::new().await;
    let ada = world.visitor(ADA).await;
    ada.after(1_795).reads_itself().await.is(200);
    is_signed_out(&ada.after(1_801)).await;
    let person = ada.person.clone().email;
    world.is_deployed_with(&[("SESSION_SECONDS", "60")]);
    let ada = world.person(&person).visits().await;
    ada.after(55).reads_itself().await.is(200);
    is_signed_out(&ada.after(61)).await;
}

#[tokio::test]
async fn a_new_password_and_disabling_end_every_session_at_once() {
    let world = World::new().await;
    let admin = world.admin("root@example.com").await;
    let ada = world.visitor(ADA).await;
    let other = ada.person.visits().await;
    let change = json!({ "password": "a new horse battery", "current_password": world::PASSWORD });
    ada.changes(&change).await.is(200);
    for session in [&ada, &other] {
        is_signed_out(session).await;
    }

    let ada = ada.person.clone().with_password("a new horse battery").visits().await;
    let path = format!("/users/{}", ada.id());
    let disabled = admin.calls("PATCH", &path, Some(&json!({ "disabled": true }))).await;
    assert_eq!(disabled.is(200)["disabled"], true);
    is_signed_out(&ada).await;
    ada.person.signs_in().await.is_problem(403, "forbidden");

    admin.calls("PATCH", &path, Some(&json!({ "disabled": false }))).await.is(200);
    is_signed_out(&ada).await;
    ada.person.visits().await.reads_itself().await.is(200);
    admin.reads_itself().await.is(200);
}

#[tokio::test]
async fn not_me_ends_the_sessions_of_the_account_that_it_disables() {
    let world = World::new().await;
    let mallory = world.visitor(ADA).await;
    mallory.person.was_not_me(&mallory.person.mailed_not_me()).await.is(204);
    is_signed_out(&mallory).await;
    mallory.person.signs_in().await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_session_of_an_attempt_reads_itself_and_nothing_else_and_ends_with_it() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await.visits().await;
    let me = ada.reads_itself().await;
    assert_eq!((&me.is(200)["activated_at"], &me.body["email"]), (&Value::Null, &json!(ADA)));
    let own = format!("/users/{}", ada.id());
    ada.calls("GET", &own, None).await.is(200);
    let rows = world.all_rows().await;
    for (method, path, body) in [
        ("PATCH", "/users/me", Some(json!({ "locale": "fr" }))),
        ("DELETE", "/users/me", None),
        ("GET", "/users", None),
        ("PATCH", own.as_str(), Some(json!({ "disabled": true }))),
        ("DELETE", own.as_str(), None),
    ] {
        let answer = ada.calls(method, path, body.as_ref()).await;
        answer.is_problem(403, "not-activated");
    }
    assert_eq!(world.all_rows().await, rows);

    ada.person.activates_with(&ada.person.mailed_code()).await.is(200);
    is_signed_out(&ada).await;
    let account = ada.person.visits().await;
    assert_eq!(account.claims()["activated"], true);
    account.reads_itself().await.is(200);
}

#[tokio::test]
async fn a_token_that_is_not_ours_in_every_point_is_refused() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let claims = ada.claims();
    let [header, payload, signature] = ada.token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = encoded(&json!({ "alg": "none", "typ": "JWT", "kid": "first" }));
    let signed = |header: &Header, key: &[u8]| {
        encode(header, &claims, &EncodingKey::from_secret(key)).expect("claims")
    };
    let keys = Keys::try_from(KEY).expect("a key");
    let (_, ours) = keys.session_key();
    let first = Header { kid: Some("first".to_owned()), ..Header::new(Algorithm::HS256) };
    let with = |name: &str, value: Value| ada.with_claims(|claims| claims[name] = value).token;
    let without = |name: &str| {
        let remove =
            |claims: &mut Value| drop(claims.as_object_mut().expect("claims").remove(name));
        ada.with_claims(remove).token
    };
    assert!(is_taken(&world, &ada.with_claims(|_| {}).token).await, "the tools are right");
    for (token, why) in [
        (format!("{none}.{payload}."), "alg none, unsigned"),
        (format!("{none}.{payload}.{signature}"), "alg none"),
        (format!("{header}.{payload}."), "no signature"),
        (format!("{header}.{}.{signature}", encoded(&json!({ "sub": claims["sub"] }))), "changed"),
        (signed(&first, &[7; 32]), "another key"),
        (signed(&first, &[0; 32]), "the key itself, not split by purpose"),
        (signed(&Header { kid: None, ..first.clone() }, ours), "no key id"),
        (signed(&Header { kid: Some("second".to_owned()), ..first.clone() }, ours), "unknown key"),
        (signed(&Header { alg: Algorithm::HS384, ..first.clone() }, ours), "another algorithm"),
        (with("purpose", json!("reset")), "another purpose"),
        (without("purpose"), "no purpose"),
        (with("aud", json!("site")), "another audience"),
        (without("aud"), "no audience"),
        (with("iss", json!("https://evil.example")), "another issuer"),
        (without("iss"), "no issuer"),
        (with("exp", json!(1)), "past its time"),
        (without("exp"), "no end"),
        (with("exp", json!("tomorrow")), "an end that is not a number"),
        (with("exp", json!(i64::MAX)), "an end that is not a time"),
        (with("sub", json!("00000000-0000-0000-0000-000000000000")), "no account's"),
        (with("generation", json!(1)), "another generation"),
        (with("activated", json!(false)), "of an attempt"),
        (String::new(), "empty"),
        ("x".repeat(3000), "long"),
    ] {
        assert!(!is_taken(&world, &token).await, "{why}: {token}");
    }
}

#[tokio::test]
async fn no_session_is_told_from_a_wrong_one_and_basic_is_none() {
    let world = World::new().await;
    let ada = world.visitor(ADA).await;
    let basic = world::basic(ADA, world::PASSWORD);
    let cookie = format!("__Host-session={}", ada.token);
    for (headers, why) in [
        (vec![], "nothing"),
        (vec![("authorization", basic.as_str())], "Basic"),
        (vec![("authorization", ada.token.as_str())], "no scheme"),
        (vec![("authorization", "Bearer")], "no token"),
        (vec![("authorization", "Bearer x"), ("cookie", cookie.as_str())], "the header decides"),
        (vec![("cookie", "session=x")], "another cookie"),
        (vec![("cookie", "__Host-session")], "no value"),
    ] {
        let mut event = Event::new("GET", "/users/me");
        for (name, value) in headers {
            event = event.header(name, value);
        }
        let answer = world.send(&event).await;
        answer.is_problem(401, "invalid-credentials");
        assert!(
            answer.body["detail"].as_str().is_some_and(|text| text.contains("Sign in")),
            "{why}"
        );
    }
    let event =
        Event::new("GET", "/users/me").header("authorization", &format!("bEaReR {}", ada.token));
    world.send(&event).await.is(200);
}

async fn is_taken(world: &World, token: &str) -> bool {
    let event = Event::new("GET", "/users/me").header("authorization", &format!("Bearer {token}"));
    let answer = world.send(&event).await;
    if answer.status != 200 {
        answer.is_problem(401, "invalid-credentials");
    }
    answer.status == 200
}

async fn is_signed_out(visitor: &Visitor<'_>) {
    let answer: Answer = visitor.reads_itself().await;
    answer.is_problem(401, "invalid-credentials");
}
