//! The mails about an account. Their words are in `shared/src/mailer/mail_tests.rs`.

use serde_json::json;
use shared::testing::SentMail;
use world::{Person, World};

const ADA: &str = "ada@example.com";
const NEW: &str = "typed new horse";

/// A French account of a person who sends all that could end up in a mail.
async fn french_account(world: &World) -> Person<'_> {
    let mut ada = world
        .person(ADA)
        .with_password("typed horse battery")
        .sending("user-agent", "typed agent")
        .sending("host", "typed.example")
        .sending("x-forwarded-host", "typed.example")
        .sending("accept-language", "fr");
    ada.signs_up().await.is(202);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    ada.unnamed()
}

fn language(mail: &SentMail) -> &str {
    let (_, after) = mail.html.split_once("<html lang=\"").expect("a language");
    &after[..2]
}

fn kind(mail: &SentMail) -> &str {
    mail.request["EmailTags"][0]["Value"].as_str().expect("a kind")
}

#[tokio::test]
async fn an_owner_hears_of_every_step_in_the_language_of_the_account() {
    let world = World::with(&[("MAIL_CONFIGURATION_SET", "registration")]).await;
    let ada = french_account(&world).await;
    // The caller is not always the owner: the language of the account decides.
    let caller = world.person(ADA).sending("accept-language", "en");

    caller.forgets().await.is(202);
    caller.resets(&ada.mailed_link(), NEW).await.is(204);
    let ada = ada.with_password(NEW).visits().await;
    ada.changes(&json!({ "current_password": NEW, "password": "typed newer horse" })).await.is(200);
    let ada = ada.person.with_password("typed newer horse").visits().await;
    ada.deletes_itself().await.is(204);
    caller.forgets().await.is(202);

    let mails = ada.person.mails();
    let told: Vec<_> = mails.iter().map(|mail| (kind(mail), language(mail))).collect();
    let expected = [
        ("activation", "fr"),
        ("new-password", "fr"),
        ("password-changed", "fr"),
        ("password-changed", "fr"),
        ("account-deleted", "fr"),
        // Nothing is known of this address any more.
        ("no-account", "en"),
    ];
    assert_eq!(told, expected);
    for SentMail { request, .. } in &mails {
        assert_eq!(request["ConfigurationSetName"], "registration");
        assert_eq!(request["EmailTags"].as_array().map(Vec::len), Some(1));
        assert_eq!(request["Destination"], json!({ "ToAddresses": [ADA] }));
        let request = request.to_string();
        assert!(!request.contains("typed") && !request.contains("192.0.2.1"), "{request}");
    }
}

#[tokio::test]
async fn a_note_that_there_is_no_account_speaks_the_language_of_the_browser() {
    let world = World::new().await;
    for (email, header, expected) in [
        ("a@example.com", "fr-CA, en;q=0.5", "fr"),
        ("b@example.com", "la", "en"),
        ("c@example.com", "ä", "en"),
    ] {
        let person = world.person(email).sending("accept-language", header);
        person.forgets().await.is(202);
        let mails = person.mails();
        assert_eq!((kind(&mails[0]), language(&mails[0])), ("no-account", expected));
        assert_eq!(mails.len(), 1);
    }
    // A person who never entered the code, whatever the language of the sign-up was.
    let pending = world.signs_up(ADA).await.sending("accept-language", "fr");
    pending.forgets().await.is(202);
    let note = pending.mails().pop().expect("a mail");
    assert_eq!((kind(&note), language(&note)), ("no-account", "fr"));
}
