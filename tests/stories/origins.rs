//! Pages of other sites: what they can make a browser send, and what they can read.

use serde_json::json;
use shared::testing::{Event, Payload};
use world::{PASSWORD, World};

const ADA: &str = "ada@example.com";
const OURS: &str = "https://registration.example";
const FRIEND: &str = "https://www.friend.example";

/// What browsers say of where a request comes from, and whether we take it.
const SOURCES: [(&[(&str, &str)], bool); 10] = [
    (&[("origin", OURS)], true),
    (&[("origin", FRIEND)], true),
    (&[("origin", "https://evil.example")], false),
    (&[("origin", "https://registration.example.evil.example")], false),
    (&[("origin", "http://registration.example")], false),
    (&[("origin", "null")], false),
    // The origin decides when there is one.
    (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], false),
    (&[("sec-fetch-site", "same-origin")], true),
    (&[("sec-fetch-site", "none")], true),
    (&[("sec-fetch-site", "same-site")], false),
];

fn from(mut event: Event, headers: &[(&str, &str)]) -> Event {
    for (name, value) in headers {
        event = event.header(name, value);
    }
    event
}

async fn world() -> World {
    World::with(&[("CORS_ORIGINS", FRIEND), ("NETWORK_PASSWORD_FAILURES_PER_MINUTE", "1")]).await
}

#[tokio::test]
async fn another_site_cannot_sign_its_visitors_in_login_csrf() {
    let world = world().await;
    world.has_account(ADA).await;
    let form = format!("username={ADA}&password={PASSWORD}");
    let mut login = Event::new("POST", "/login");
    login.body = Some(form);
    let login = login.header("content-type", "application/x-www-form-urlencoded");
    for (headers, is_ours) in SOURCES {
        let rows = world.all_rows().await;
        let answer = world.send(&from(login.clone(), headers)).await;
        if is_ours {
            answer.is(200);
        } else {
            answer.is_problem(403, "forbidden");
            assert_eq!(answer.header("set-cookie"), None);
            assert_eq!(world.all_rows().await, rows, "not even a place under a limit is taken");
        }
    }
    world.send(&login).await.is(200);
}

#[tokio::test]
async fn another_site_can_change_nothing_with_the_cookie_of_a_session_csrf() {
    let world = world().await;
    let ada = world.visitor(ADA).await;
    let change = json!({ "locale": "fr" });
    let event = |method: &str, path: &str| {
        let event =
            Event::new(method, path).header("cookie", &format!("__Host-session={}", ada.token));
        if method == "PATCH" { event.json(&change) } else { event }
    };
    let rows = world.all_rows().await;
    let own = format!("/users/{}", ada.id());
    for (method, path) in [
        ("PATCH", "/users/me"),
        ("DELETE", "/users/me"),
        ("DELETE", own.as_str()),
        ("POST", "/logout"),
    ] {
        world.send(&event(method, path)).await.is_problem(403, "forbidden");
        for (headers, is_ours) in SOURCES {
            if !is_ours {
                let answer = world.send(&from(event(method, path), headers)).await;
                answer.is_problem(403, "forbidden");
            }
        }
    }
    assert_eq!(world.all_rows().await, rows);
    for (headers, is_ours) in SOURCES {
        if is_ours {
            world.send(&from(event("PATCH", "/users/me"), headers)).await.is(200);
        }
    }
    // To read changes nothing, and a token in the header was put there by a program that knows it.
    world.send(&from(event("GET", "/users/me"), &[("sec-fetch-site", "cross-site")])).await.is(200);
    ada.changes(&json!({ "locale": "en" })).await.is(200);
    let foreign = ada.event("DELETE", "/users/me", None).header("origin", "https://evil.example");
    world.send(&foreign).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn another_site_cannot_send_mails() {
    let world = world().await;
    let forgot = Event::new("POST", "/password/forgot").json(&json!({ "email": ADA }));
    let evil = forgot.header("origin", "https://evil.example");
    world.send(&evil).await.is_problem(403, "forbidden");
    assert_eq!((world.ses.asked(), world.count("limits").await), (0, 0));
}

/// Every route that may change something, with nothing right about it but its path.
const CHANGES: [(&str, &str); 12] = [
    ("POST", "/register"),
    ("POST", "/resend"),
    ("POST", "/not-me"),
    ("POST", "/activate"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("POST", "/password/forgot"),
    ("POST", "/password/reset"),
    ("PATCH", "/users/me"),
    ("DELETE", "/users/me"),
    ("PATCH", "/users/00000000-0000-4000-8000-000000000000"),
    ("DELETE", "/users/00000000-0000-4000-8000-000000000000"),
];

#[tokio::test]
async fn no_function_takes_a_change_from_another_site() {
    let mut world = World::on_the_wire(&[("CORS_ORIGINS", FRIEND)]).await;
    for payload in [Payload::Rest, Payload::Http] {
        world.payload = payload;
        for (method, path) in CHANGES {
            for (headers, is_ours) in SOURCES {
                let event = from(Event::new(method, path), headers);
                let statements = world.traffic().statements;
                let answer = world.send(&event).await;
                assert_eq!(answer.status == 403, !is_ours, "{method} {path} {headers:?}");
                if !is_ours {
                    let detail = answer.is_problem(403, "forbidden")["detail"].to_string();
                    assert!(detail.contains(OURS), "it names the page that may: {detail}");
                    assert_eq!(world.traffic().statements, statements, "{method} {path}");
                }
            }
        }
    }
    assert_eq!(world.ses.asked(), 0);
}

fn asks(method: &str, path: &str, origin: &str) -> Event {
    Event::new("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,content-type")
}

#[tokio::test]
async fn the_pages_of_a_listed_origin_may_call_every_function_and_read_the_answers() {
    let mut world = world().await;
    for payload in [Payload::Rest, Payload::Http] {
        world.payload = payload;
        for (method, path) in [("POST", "/register"), ("POST", "/activate"), ("PATCH", "/users/me")]
        {
            let permission = world.send(&asks(method, path, FRIEND)).await;
            assert_eq!(permission.status, 204, "{path}");
            assert_eq!(permission.header("access-control-allow-origin"), Some(FRIEND));
            let methods = permission.header("access-control-allow-methods").expect("methods");
            assert!(methods.contains(method), "{methods}");
            let headers = permission.header("access-control-allow-headers").expect("headers");
            assert!(headers.contains("Authorization") && headers.contains("Content-Type"));
            let refused = world.send(&asks(method, path, "https://evil.example")).await;
            refused.is_problem(405, "method-not-allowed");
            assert_eq!(refused.header("access-control-allow-origin"), None);
        }
        let me = Event::new("GET", "/users/me").header("origin", FRIEND);
        let answer = world.send(&me).await;
        answer.is_problem(401, "invalid-credentials");
        assert_eq!(answer.header("access-control-allow-origin"), Some(FRIEND));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        let me = Event::new("GET", "/users/me").header("origin", "https://evil.example");
        assert_eq!(world.send(&me).await.header("access-control-allow-origin"), None);
    }
    let by_default = World::new().await;
    by_default.send(&asks("POST", "/register", FRIEND)).await.is_problem(405, "method-not-allowed");
}
