//! The pages and their assets.

use std::{collections::BTreeSet, fs};

use shared::{
    domain::locale::Locale,
    testing::{Event, Payload},
    web,
};

use crate::{BOTH, PAGES, assets_in, french_event, get, header, site, site_with, text};

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
        assert!(text(&answer).contains("<html lang=\"fr\" dir=\"ltr\">"), "{path}");
        assert_eq!(header(&answer, "content-language"), Some("fr"));
        assert_eq!(header(&answer, "vary"), Some("Accept-Language"));
        let english = get(path).send_to(&site, Payload::Rest).await;
        assert!(text(&english).contains("<html lang=\"en\" dir=\"ltr\">"), "{path}");
        assert_ne!(header(&english, "etag"), header(&answer, "etag"));
    }
    let mut event = french_event().document(Payload::Http);
    event["rawQueryString"] = "lang=en".into();
    event["queryStringParameters"] = serde_json::json!({ "lang": "en" });
    assert!(
        text(&web::answer(&site, &event, "-").await).contains("<html lang=\"en\" dir=\"ltr\">")
    );
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
async fn a_cache_keeps_pages_apart_by_language_and_origin() {
    let site = site_with(&[("CORS_ORIGINS", "https://www.friend.example")]).unwrap();
    for payload in BOTH {
        let answer = get("/").send_to(&site, payload).await;
        assert_eq!(answer.headers().get_all("vary").iter().count(), 1);
        assert_eq!(header(&answer, "vary"), Some("Accept-Language, Origin"));
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
        let of_a_password = |kind: &str| format!(" {name} {kind}-password}}}}");
        // Scripts compose the names for problems and fields.
        let is_composed = name.starts_with("error_") || name.starts_with("field_");
        let shown = [
            format!("{{{{{name}}}}}"),
            format!("\"{name}\""),
            format!("pages.{name}"),
            of_a_password("new"),
            of_a_password("current"),
        ];
        !is_composed && !shown.iter().any(|shown| sources.contains(shown))
    };
    let all = [texts.pages.all(), texts.script.all()].concat();
    let unshown: Vec<_> = all.into_iter().filter(unshown).map(|(name, _)| name).collect();
    assert_eq!(unshown, [""; 0]);
}
