//! The responses of `site` to browsers, with and without JavaScript, and to gateways.

use std::{collections::BTreeSet, fs};

use lambda_http::{Body, Response};
use serde_json::Value;
use shared::{
    domain::locale::Locale,
    process::{Environment, SettingError},
    testing::{Event, Payload},
    web,
};
use site::SiteApp;

const PAGES: [&str; 8] =
    ["/", "/activate", "/login", "/me", "/not-me", "/password", "/docs", "/docs/problems"];
const BOTH: [Payload; 2] = [Payload::Rest, Payload::Http];

fn site() -> SiteApp {
    site_with(&[]).expect("the defaults are right")
}

fn site_with(settings: &[(&str, &str)]) -> Result<SiteApp, SettingError> {
    let settings = [("PUBLIC_URL", "https://registration.example")].iter().chain(settings);
    let settings = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    SiteApp::start(&Environment::of(&settings.collect()))
}

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
async fn a_cache_keeps_pages_apart_by_language_and_origin() {
    let site = site_with(&[("CORS_ORIGINS", "https://www.friend.example")]).unwrap();
    for payload in BOTH {
        let answer = get("/").send_to(&site, payload).await;
        assert_eq!(answer.headers().get_all("vary").iter().count(), 1);
        assert_eq!(header(&answer, "vary"), Some("Accept-Language, Origin"));
    }
}

fn get(path: &str) -> Event {
    Event::new("GET", path)
}

fn header<'a>(answer: &'a Response<Body>, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().expect("text"))
}

fn text(answer: &Response<Body>) -> &str {
    match answer.body() {
        Body::Text(text) => text,
        _ => "",
    }
}

/// The paths of assets in a text.
fn assets_in(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let names = text
        .split("assets/")
        .skip(1)
        .map(|after| after.chars().take_while(|c| is_name(*c)).collect::<String>());
    names.filter(|name| !name.is_empty()).map(|name| format!("/assets/{name}")).collect()
}

#[tokio::test]
async fn every_page_is_served_guarded_and_revalidated() {
    let site = site();
    for payload in BOTH {
        for path in PAGES {
            let answer = get(path).send_to(&site, payload).await;
            assert_eq!(answer.status(), 200, "{path}");
            assert_eq!(header(&answer, "content-type"), Some("text/html; charset=utf-8"));
            assert_eq!(header(&answer, "cache-control"), Some("no-cache"));
            assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
            assert_eq!(header(&answer, "referrer-policy"), Some("no-referrer"));
            assert!(header(&answer, "strict-transport-security").is_some());
            let policy = header(&answer, "content-security-policy").expect("a policy");
            assert!(
                policy.contains("default-src 'none'") && !policy.contains("unsafe"),
                "{policy}"
            );
            assert!(policy.contains("frame-ancestors 'none'"));

            let tag = header(&answer, "etag").expect("a tag").to_owned();
            for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
                let again = get(path).header("if-none-match", &known);
                let again = again.send_to(&site, payload).await;
                assert_eq!((again.status().as_u16(), text(&again)), (304, ""));
                assert_eq!(header(&again, "etag"), Some(tag.as_str()));
            }
            let other = get(path).header("if-none-match", "\"other\"");
            assert_eq!(other.send_to(&site, payload).await.status(), 200);

            let head = Event::new("HEAD", path).send_to(&site, payload).await;
            assert_eq!((head.status().as_u16(), text(&head)), (200, ""));
            assert_eq!(header(&head, "etag"), Some(tag.as_str()));
        }
    }
}

#[tokio::test]
async fn a_page_speaks_the_language_that_was_chosen_else_the_browsers() {
    let site = site();
    let docs = get("/docs").header("accept-language", "fr").send_to(&site, Payload::Rest).await;
    assert_eq!(header(&docs, "content-language"), Some("en"), "it is not translated");
    for path in PAGES.into_iter().filter(|path| !path.starts_with("/docs")) {
        let french = get(path).header("accept-language", "fr-CA, en;q=0.5");
        let answer = french.send_to(&site, Payload::Rest).await;
        assert!(text(&answer).contains("<html lang=\"fr\">"), "{path}");
        assert_eq!(header(&answer, "content-language"), Some("fr"));
        assert_eq!(header(&answer, "vary"), Some("Accept-Language"));
        let english = get(path).send_to(&site, Payload::Rest).await;
        assert!(text(&english).contains("<html lang=\"en\">"), "{path}");
        assert_ne!(header(&english, "etag"), header(&answer, "etag"));
    }
    let mut event = french_event().document(Payload::Http);
    event["rawQueryString"] = "lang=en".into();
    event["queryStringParameters"] = serde_json::json!({ "lang": "en" });
    assert!(text(&web::answer(&site, &event, "-").await).contains("<html lang=\"en\">"));
}

fn french_event() -> Event {
    get("/").header("accept-language", "fr")
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_names_of_their_bytes() {
    let site = site();
    let mut seen = BTreeSet::new();
    let mut pages = Vec::new();
    for path in PAGES {
        pages.push(text(&get(path).send_to(&site, Payload::Http).await).to_owned());
    }
    for path in pages.iter().flat_map(|page| assets_in(page)) {
        let answer = get(&path).send_to(&site, Payload::Http).await;
        assert_eq!(answer.status(), 200, "{path}");
        let caching = header(&answer, "cache-control");
        assert_eq!(caching, Some("public, max-age=31536000, immutable"));
        seen.insert(path);
    }
    assert!(seen.len() >= 7, "{seen:?}");
}

#[tokio::test]
async fn nothing_leads_out_and_nothing_is_inline() {
    let site = site();
    for path in PAGES {
        let answer = get(path).send_to(&site, Payload::Http).await;
        // The scripts compare it with the address that the person opened.
        let page = text(&answer).replace("data-url=\"https://registration.example\"", "");
        for hint in
            ["http:", "https:", "=\"/", "style=", "onclick", "{{", "asset:", "@", "{within}"]
        {
            assert!(!page.contains(hint), "{hint} in {path}");
        }
    }
}

#[tokio::test]
async fn all_that_a_person_loads_weighs_less_than_60_kb_without_the_viewer() {
    let site = site();
    let mut loaded = BTreeSet::new();
    let mut bytes = 0;
    // Signing up, activating and signing in are one document.
    for path in ["/", "/not-me", "/password", "/me"] {
        let answer = get(path).send_to(&site, Payload::Http).await;
        bytes += text(&answer).len();
        loaded.extend(assets_in(text(&answer)));
    }
    // Scripts name other scripts, and pages name the texts of their language.
    let mut unseen: Vec<_> = loaded.iter().cloned().collect();
    while let Some(path) = unseen.pop() {
        let answer = get(&path).send_to(&site, Payload::Http).await;
        bytes += text(&answer).len();
        let named = text(&answer).split("\"./").skip(1).filter_map(|rest| rest.split('"').next());
        for path in named.map(|name| format!("/assets/{name}")) {
            if loaded.insert(path.clone()) {
                unseen.push(path);
            }
        }
    }
    println!("{} files weigh {bytes} bytes", loaded.len());
    assert!(loaded.len() > 14, "{loaded:?}");
    assert!(bytes < 60_000, "{bytes}");
}

#[tokio::test]
async fn only_the_sign_up_is_for_search_engines() {
    for path in PAGES.into_iter().filter(|path| !path.starts_with("/docs")) {
        let answer = get(path).send_to(&site(), Payload::Http).await;
        let robots = if path == "/" { "all" } else { "noindex" };
        let meta = format!("<meta name=\"robots\" content=\"{robots}\">");
        assert!(text(&answer).contains(&meta), "{path}");
    }
}

#[tokio::test]
async fn pages_show_whose_site_it_is() {
    let plain = get("/").send_to(&site(), Payload::Http).await;
    let logo = "data:image/png;base64,iVBORw0KGgo=";
    let brand = site_with(&[
        ("SITE_NAME", "Bücher & \"Söhne\" @WITHIN@"),
        ("LOGO_URL", logo),
        ("ACCENT_COLOR", "#b3211f"),
        ("HOME_URL", "https://example.com/start?a=1&b=2"),
        ("SUPPORT_URL", "mailto:help@example.com"),
    ]);
    let brand = brand.expect("the settings are right");
    let page = get("/").send_to(&brand, Payload::Http).await;
    let name = "Bücher &amp; &quot;Söhne&quot; @WITHIN@";
    for shown in [
        format!("<title>Create your account · {name}</title>"),
        format!("<img src=\"{logo}\" alt=\"\" width=\"32\" height=\"32\"><span>{name}</span>"),
        "href=\"https://example.com/start?a=1&amp;b=2\"".to_owned(),
        "data-home=\"https://example.com/start?a=1&amp;b=2\"".to_owned(),
        "href=\"mailto:help@example.com\"".to_owned(),
    ] {
        assert!(text(&page).contains(&shown), "{shown}");
    }
    assert!(text(&plain).contains("<title>Create your account · registration.example</title>"));
    assert!(!text(&plain).contains("Help") && text(&plain).contains("data-home=\"\""));
    assert_ne!(header(&plain, "etag"), header(&page, "etag"));
    let style = assets_in(text(&page)).into_iter().find(|path| path.contains("/brand-"));
    let style = get(&style.expect("a style")).send_to(&brand, Payload::Http).await;
    assert!(text(&style).starts_with(":root{--accent:#b3211f;"), "{}", text(&style));
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

fn is_problem(answer: &Response<Body>, code: &str) {
    let body: Value = serde_json::from_str(text(answer)).expect("JSON");
    assert_eq!(header(answer, "content-type"), Some("application/problem+json"));
    assert_eq!(header(answer, "cache-control"), Some("no-store"));
    assert_eq!(header(answer, "x-content-type-options"), Some("nosniff"));
    assert_eq!(header(answer, "x-request-id"), body["request_id"].as_str());
    assert!(body["request_id"].as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!((&body["status"], &body["code"]), (&answer.status().as_u16().into(), &code.into()));
    for member in ["type", "title", "detail"] {
        assert!(body[member].is_string(), "{member}");
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
async fn the_contract_is_served_without_what_the_gateway_reads() {
    let answer = get("/openapi.json").send_to(&site(), Payload::Rest).await;
    assert_eq!(header(&answer, "content-type"), Some("application/json"));
    let served: Value = serde_json::from_str(text(&answer)).expect("JSON");
    let yaml = fs::read_to_string("../../openapi.yaml").expect("the contract");
    let source: Value = serde_norway::from_str(&yaml).expect("YAML");
    let paths = |contract: &Value| {
        contract["paths"].as_object().expect("paths").keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(paths(&served), paths(&source));
    for ours in ["x-amazon-", "x-codes", "x-problems", "@PUBLIC_URL@"] {
        assert!(!text(&answer).contains(ours), "{ours}");
    }
    let journey = ["\"/register\":", "\"/activate\":", "\"/login\":", "\"/users/me\":"];
    assert!(journey.map(|path| text(&answer).find(path).expect("a path")).is_sorted());
}

#[tokio::test]
async fn the_contract_has_a_whole_problem_for_every_code_of_every_answer() {
    let answer = get("/openapi.json").send_to(&site(), Payload::Rest).await;
    let served: Value = serde_json::from_str(text(&answer)).expect("JSON");
    let mut seen = BTreeSet::new();
    for (path, operations) in served["paths"].as_object().expect("paths") {
        for (status, response) in operations
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, operation)| operation["responses"].as_object().expect("responses"))
        {
            let reference = response["$ref"].as_str().map(|reference| &reference[1..]);
            let response =
                reference.map_or(response, |it| served.pointer(it).expect("it is there"));
            let content = &response["content"]["application/problem+json"];
            let examples = content["examples"].as_object();
            assert_eq!(examples.is_some(), content.is_object(), "{path} {status}");
            for (code, example) in examples.into_iter().flatten() {
                let problem = &example["value"];
                assert_eq!(problem["code"], code.as_str());
                let page = format!("https://registration.example/docs/problems#{code}");
                assert_eq!(problem["type"], page);
                if status != "default" {
                    assert_eq!(problem["status"].to_string(), *status, "{path} {code}");
                }
                for required in
                    served["components"]["schemas"]["Problem"]["required"].as_array().unwrap()
                {
                    assert!(problem.get(required.as_str().unwrap()).is_some(), "{required}");
                }
                seen.insert(code.clone());
            }
        }
    }
    let page = get("/docs/problems").send_to(&site(), Payload::Rest).await;
    for code in &seen {
        assert!(text(&page).contains(&format!("<section id=\"{code}\"")), "{code}");
    }
    assert_eq!(text(&page).matches("<section").count(), seen.len());
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
        assert_eq!(header(&answer, "location"), Some("https://example.com/accounts/me"));
    }
}

#[test]
fn every_problem_of_the_contract_has_words_in_every_language() {
    let yaml = fs::read_to_string("../../openapi.yaml").expect("the contract");
    let codes = yaml.lines().filter_map(|line| line.trim().strip_prefix("x-codes: ["));
    let codes: BTreeSet<_> =
        codes.flat_map(|list| list.trim_end_matches(']').split(", ")).collect();
    assert!(codes.len() > 10, "{codes:?}");
    for locale in Locale::ALL.iter().copied() {
        let texts = locale.texts().script.all();
        for code in &codes {
            let name = format!("error_{}", code.replace('-', "_"));
            assert!(texts.iter().any(|(known, _)| *known == name), "{code}");
        }
        assert!(texts.iter().all(|(_, text)| !text.is_empty()));
    }
}

#[test]
fn every_text_is_shown_somewhere() {
    let files = fs::read_dir("pages").expect("the sources").map(|entry| entry.unwrap().path());
    let mut sources: String = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    sources.push_str(&fs::read_to_string("../../shared/web/src/page.rs").unwrap());
    sources.push_str(&fs::read_to_string("build/pages.rs").unwrap());
    let texts = Locale::default().texts();
    let unshown = |(name, _): &(&str, &str)| {
        let [in_a_page, in_a_script, in_rust] =
            [format!("{{{{{name}}}}}"), format!("\"{name}\""), format!("pages.{name}")];
        // Scripts compose the names for problems and fields.
        let is_composed = name.starts_with("error_") || name.starts_with("field_");
        let shown = [in_a_page, in_a_script, in_rust];
        !is_composed && !shown.iter().any(|shown| sources.contains(shown))
    };
    let all = [texts.pages.all(), texts.script.all()].concat();
    let unshown: Vec<_> = all.into_iter().filter(unshown).map(|(name, _)| name).collect();
    assert_eq!(unshown, [""; 0]);
}

#[tokio::test]
async fn the_pages_know_the_settings_of_the_functions_that_judge() {
    let settings =
        [("CODE_LENGTH", "6"), ("CODE_LIFETIME_SECONDS", "120"), ("PASSWORD_MIN_LENGTH", "12")];
    let other = site_with(&settings).expect("they are right");
    let ours = get("/").send_to(&site(), Payload::Http).await;
    let theirs = get("/").send_to(&other, Payload::Http).await;
    assert!(text(&theirs).contains("data-length=\"6\""));
    for words in ["a 6-digit code", "within 2 minutes", "6-digit code", "At least 12 characters"] {
        assert!(text(&theirs).contains(words), "{words}");
    }
    let french = french_event().send_to(&other, Payload::Http).await;
    for mots in ["un code à 6", "dans les 2 minutes", "Code à 6\u{a0}chiffres", "Au moins 12"] {
        assert!(text(&french).contains(mots), "{mots}");
    }
    assert_ne!(header(&ours, "etag"), header(&theirs, "etag"));
    for wrong in ["3", "9", "four"] {
        let refused = site_with(&[("CODE_LENGTH", wrong)]).err().expect("it is wrong");
        assert_eq!(refused.to_string(), "CODE_LENGTH must be a number from 4 to 8");
    }
}
