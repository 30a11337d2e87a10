//! Where a path leads, for browsers and for programs.

use shared::{
    testing::{Event, Payload},
    web,
};

use crate::{BOTH, PAGES, get, header, is_problem, site, site_with, text};

#[tokio::test]
async fn a_base_path_without_its_slash_leads_to_the_first_page() {
    let site = site_with(&[("PUBLIC_URL", "https://example.com/accounts/v1")]).unwrap();
    for payload in BOTH {
        for method in ["GET", "HEAD"] {
            let answer = Event::new(method, "/accounts/v1").send_to(&site, payload).await;
            assert_eq!(answer.status(), 308);
            assert_eq!(header(&answer, "location"), Some("https://example.com/accounts/v1/"));
        }
        assert_eq!(get("/accounts/v1/").send_to(&site, payload).await.status(), 200);
        assert_eq!(get("/accounts").send_to(&site, payload).await.status(), 404);
    }
}

#[tokio::test]
async fn a_browser_finds_a_page_where_a_program_finds_a_problem() {
    for payload in BOTH {
        for (method, path, status) in
            [("GET", "/signin", 404), ("HEAD", "/signin", 404), ("POST", "/signin", 404)]
        {
            let event = Event::new(method, path).header("accept", "text/html,*/*;q=0.8");
            let answer = event.header("accept-language", "fr").send_to(&site(), payload).await;
            assert_eq!(answer.status(), status);
            if method == "POST" {
                is_problem(&answer, "not-found");
                continue;
            }
            assert_eq!(header(&answer, "content-type"), Some("text/html; charset=utf-8"));
            assert_eq!(header(&answer, "content-language"), Some("fr"));
            let policy = header(&answer, "content-security-policy").expect("a policy");
            assert!(
                policy.contains("style-src 'sha256-") && !policy.contains("unsafe"),
                "{policy}"
            );
            let is_there = text(&answer).contains("https://registration.example/login?lang=fr");
            assert_eq!(is_there, method == "GET");
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let site = site();
    for payload in BOTH {
        for (method, path) in [
            ("GET", "/nothing"),
            ("POST", "/nothing"),
            ("POST", "/docs/"),
            ("GET", "/docs//"),
            ("GET", "/assets/style.css/"),
            ("GET", "/assets/"),
            ("GET", "/assets/style.css"),
            ("GET", "/assets/../../etc/passwd"),
            ("GET", "/openapi.yaml"),
        ] {
            let answer = Event::new(method, path).send_to(&site, payload).await;
            assert_eq!(answer.status(), 404, "{path}");
            is_problem(&answer, "not-found");
        }
        for path in PAGES.into_iter().chain(["/openapi.json"]) {
            let answer = Event::new("PUT", path).send_to(&site, payload).await;
            assert_eq!(answer.status(), 405, "{path}");
            assert_eq!(header(&answer, "allow"), Some("GET, HEAD"));
            is_problem(&answer, "method-not-allowed");
        }
    }
}

#[tokio::test]
async fn a_stage_before_the_path_is_no_part_of_it() {
    let mut event = get("/prod/activate").document(Payload::Http);
    event["requestContext"]["stage"] = "prod".into();
    assert_eq!(web::answer(&site(), &event, "-").await.status(), 200);
    assert_eq!(get("/prod/activate").send_to(&site(), Payload::Http).await.status(), 404);
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_page() {
    let site = site_with(&[("PUBLIC_URL", "https://example.com/accounts")]).unwrap();
    for payload in BOTH {
        for path in PAGES.into_iter().filter(|path| *path != "/") {
            for (typed, query) in
                [(format!("{path}/"), ""), (format!("/accounts{path}/"), "?lang=fr")]
            {
                let mut event = get(&typed).document(payload);
                if !query.is_empty() {
                    event["rawQueryString"] = query[1..].into();
                    event["queryStringParameters"] = serde_json::json!({ "lang": "fr" });
                    event["multiValueQueryStringParameters"] =
                        serde_json::json!({ "lang": ["fr"] });
                }
                let answer = web::answer(&site, &event, "-").await;
                assert_eq!(answer.status(), 308, "{typed}");
                let page = format!("https://example.com/accounts{path}{query}");
                assert_eq!(header(&answer, "location"), Some(page.as_str()));
            }
        }
    }
}

#[tokio::test]
async fn password_managers_find_where_a_password_is_changed() {
    let site = site_with(&[("PUBLIC_URL", "https://example.com/accounts")]).unwrap();
    for payload in BOTH {
        let answer = get("/.well-known/change-password").send_to(&site, payload).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(
            header(&answer, "location"),
            Some("https://example.com/accounts/me#new-password")
        );
    }
}
