//! What every mail keeps to: its language, the lifetime that is set, and nothing that was typed.

use serde_json::json;
use world::World;

use crate::mails::{ADA, newest, token};

#[tokio::test]
async fn the_body_names_the_language_else_the_browser_else_it_is_english() {
    let world =
        World::with(&[("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0"), ("ADDRESS_SIGNUPS_PER_DAY", "0")])
            .await;
    for (locale, header, language) in [
        (json!(null), None, "en"),
        (json!("fr"), None, "fr"),
        (json!("fr-FR"), Some("en"), "fr"),
        (json!("en"), Some("fr"), "en"),
        (json!(null), Some("fr"), "fr"),
        (json!(null), Some("la, fr;q=0.5, en;q=0.2"), "fr"),
        (json!(null), Some("la"), "en"),
        (json!(null), Some("ä"), "en"),
        (json!(null), Some("fr;q=0, *"), "en"),
    ] {
        let mut person = world.person(ADA);
        if let Some(header) = header {
            person = person.sending("accept-language", header);
        }
        let body = json!({ "email": ADA, "password": person.password, "locale": locale });
        let answer = world.send(&person.event("/register").json(&body)).await;
        person.registration = answer.is(202)["registration"].as_str().map(str::to_owned);
        let lang = format!(r#"<html lang="{language}" dir="ltr">"#);
        assert!(newest(&person).html.contains(&lang), "{locale} {header:?}");

        // Whatever the browser prefers by now.
        world.time_passes(31.0).await;
        person.sending("accept-language", "fr").resends().await.is(202);
        assert!(world.ses.mails().last().unwrap().html.contains(&lang), "{locale} {header:?}");
    }
}

#[tokio::test]
async fn ses_is_told_no_more_than_it_needs() {
    let world = World::with(&[("MAIL_CONFIGURATION_SET", "registration")]).await;
    let account = world.has_account(ADA).await;
    let stranger = world.signs_up(ADA).await;
    for (mail, kind) in account.mails().iter().zip(["activation", "account-exists"]) {
        let request = &mail.request;
        let mut members: Vec<_> = request.as_object().unwrap().keys().collect();
        members.sort();
        let expected =
            ["ConfigurationSetName", "Content", "Destination", "EmailTags", "FromEmailAddress"];
        assert_eq!(members, expected);
        assert_eq!(request["ConfigurationSetName"], "registration");
        assert_eq!(request["EmailTags"], json!([{ "Name": "mail", "Value": kind }]));
        assert_eq!(request["Destination"], json!({ "ToAddresses": [ADA] }));
        assert_eq!(request["FromEmailAddress"], "no-reply@registration.example");
        assert_eq!(request["Content"]["Simple"]["Subject"]["Charset"], "UTF-8");
        let headers = json!([{ "Name": "Auto-Submitted", "Value": "auto-generated" }]);
        assert_eq!(request["Content"]["Simple"]["Headers"], headers);
    }
    assert_eq!(stranger.mails().len(), 2);

    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    assert_eq!(newest(&ada).request.get("ConfigurationSetName"), None, "only when there is one");
}

#[tokio::test]
async fn nothing_of_what_the_caller_typed_but_the_address_is_mailed() {
    let world = World::new().await;
    let person = world
        .person("Ada@Example.com")
        .with_password("typed horse battery")
        .sending("user-agent", "typed agent")
        .sending("idempotency-key", "typed-key")
        .sending("host", "typed.example")
        .sending("x-forwarded-host", "typed.example")
        .sending("accept-language", "en-typed");
    let mut body = json!({ "email": " Ada@Example.com ", "password": person.password });
    body["name"] = json!("typed name");
    world.send(&person.event("/register").json(&body)).await.is(202);
    let mails = world.ses.attempted();
    assert_eq!(mails.len(), 1);
    let request = mails[0].request.to_string();
    assert!(!request.contains("typed") && !request.contains("192.0.2.1"), "{request}");
    assert!(!request.contains("Ada@"), "the address as normalized");
}

#[tokio::test]
async fn an_address_is_text_and_nothing_else() {
    let world = World::with(&[("NETWORK_SIGNUPS_PER_HOUR", "0")]).await;
    for (email, escaped) in [
        ("a&b@example.com", "a&#38;b@example.com"),
        ("{code}@example.com", "{code}@example.com"),
        ("{link}@example.com", "{link}@example.com"),
        ("{not_me}@example.com", "{not_me}@example.com"),
        ("{doubt}{action}@example.com", "{doubt}{action}@example.com"),
        ("{address}{within}@example.com", "{address}{within}@example.com"),
        ("o'neill`$%@example.com", "o&#39;neill`$%@example.com"),
    ] {
        let person = world.has_account(email).await;
        world.signs_up(email).await;
        let mails = person.mails();
        assert_eq!(mails.len(), 2);
        for mail in &mails {
            assert!(mail.text.contains(email), "{}", mail.text);
            assert!(mail.html.contains(escaped), "{email}: {}", mail.html);
            assert_eq!(mail.html.matches(&token(mail)).count(), 1, "{email}: {}", mail.html);
        }
    }
}

#[tokio::test]
async fn the_mail_tells_the_lifetime_that_is_set() {
    for (seconds, words, mots) in [
        ("60", "within one minute", "dans la minute"),
        ("120", "within 2 minutes", "dans les 2 minutes"),
        ("3600", "within one hour", "dans l’heure"),
        ("86400", "within 24 hours", "dans les 24 heures"),
        ("90", "within 90 seconds", "dans les 90 secondes"),
    ] {
        let world = World::with(&[
            ("CODE_LIFETIME_SECONDS", seconds),
            ("PUBLIC_URL", "https://a.example/b/"),
        ])
        .await;
        let ada = world.signs_up(ADA).await;
        let link = format!(
            "https://a.example/b/activate#registration={}",
            ada.registration.as_ref().unwrap()
        );
        let mail = newest(&ada);
        for part in [&mail.text, &mail.html] {
            assert!(part.contains(words) && part.contains(&link), "{part}");
        }
        let mut bob = world.person("bob@example.com").sending("accept-language", "fr");
        bob.signs_up().await.is(202);
        assert!(newest(&bob).text.contains(mots));
    }
}
