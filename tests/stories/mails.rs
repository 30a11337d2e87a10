//! What the emails contain, and what they never contain.

use serde_json::json;
use shared::testing::SentMail;
use world::{Person, World};

const ADA: &str = "ada@example.com";

/// An email without the parts that differ each time.
fn scrubbed(person: &Person<'_>, mail: &SentMail, part: &str) -> String {
    // The code last: the other parts may contain its digits.
    let part = part
        .replace(&token(mail), "[token]")
        .replace(person.registration.as_deref().expect("an attempt"), "[registration]");
    mail.code().map_or(part.clone(), |code| part.replace(&code, "[code]"))
}

/// The token in the "this wasn't me" link.
fn token(mail: &SentMail) -> String {
    let (_, after) = mail.text.split_once("#token=").expect("a link to say that it wasn't me");
    after.split_whitespace().next().expect("a token").to_owned()
}

fn newest(person: &Person<'_>) -> SentMail {
    person.mails().last().expect("a mail").clone()
}

#[tokio::test]
async fn the_code_comes_first_and_the_links_show_pages() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    let mail = newest(&ada);
    insta::assert_snapshot!(scrubbed(&ada, &mail, &mail.subject), @"[code] is your activation code");
    insta::assert_snapshot!(scrubbed(&ada, &mail, &mail.text), @r#"
    [code]

    Your activation code

    Enter it within one minute, on the page where you signed up.

    Or open the activation page here
    https://registration.example/activate#registration=[registration]

    --
    Someone, hopefully you, is creating an account with ada@example.com.
    Didn’t request this? No one can create an account without this code. Tell us it wasn’t you
    https://registration.example/not-me#token=[token]
    "#);
    insta::assert_snapshot!(scrubbed(&ada, &mail, &mail.html), @r#"
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="supported-color-schemes" content="light dark">
    <meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
    <meta name="x-apple-disable-message-reformatting">
    <title>[code] is your activation code</title>
    <style>
    :root { color-scheme: light dark; supported-color-schemes: light dark; }
    @media (prefers-color-scheme: dark) {
      .page { background: #0e1018 !important; }
      .card { background: #181b27 !important; border-color: #2a2f41 !important; }
      .code { background: #232842 !important; }
      .ink { color: #eceef8 !important; }
      .quiet { color: #a8aec6 !important; }
      .link { color: #97a5ff !important; }
      .rule { border-color: #2a2f41 !important; }
    }
    </style>
    </head>
    <body class="page" style="margin:0;padding:0;background:#f3f4f9">
    <div style="display:none;max-height:0;overflow:hidden">[code] – enter it within one minute.</div>
    <div style="display:none;max-height:0;overflow:hidden" aria-hidden="true">&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div>
    <table class="page" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f3f4f9"><tr><td align="center" style="padding:24px 12px">
    <table class="card" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:440px;background:#ffffff;border:1px solid #e3e5ef;border-radius:16px"><tr><td style="padding:28px 24px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
    <table class="code" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px;background:#eef0fc;border-radius:12px"><tr><td class="ink" align="center" style="padding:20px 8px 20px 18px;font:700 44px/48px ui-monospace,Menlo,Consolas,'Courier New',monospace;letter-spacing:10px;color:#171a2b">[code]</td></tr></table>
    <h1 class="ink" style="margin:0 0 8px;font-size:20px;line-height:26px;font-weight:600;color:#171a2b">Your activation code</h1>
    <p class="ink" style="margin:0 0 20px;font-size:16px;line-height:24px;color:#171a2b;word-break:break-word">Enter it within one minute, on the page where you signed up.</p>
    <p style="margin:0 0 24px;font-size:16px;line-height:24px"><a class="link" href="https://registration.example/activate#registration=[registration]" style="color:#3d4fd6">Or open the activation page here</a></p>
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="rule" style="border-top:1px solid #e3e5ef;padding-top:16px">
    <p class="quiet" style="margin:0 0 8px;font-size:14px;line-height:20px;color:#565c75;word-break:break-word">Someone, hopefully you, is creating an account with ada@example.com.</p>
    <p class="quiet" style="margin:0;font-size:14px;line-height:20px;color:#565c75">Didn’t request this? No one can create an account without this code. <a class="link" href="https://registration.example/not-me#token=[token]" style="color:#3d4fd6">Tell us it wasn’t you</a>
    </p>
    </td></tr></table>
    </td></tr></table>
    </td></tr></table>
    </body>
    </html>
    "#);
    assert!(token(&mail).len() >= 22, "128 bits");
}

#[tokio::test]
async fn the_same_in_french() {
    let world = World::new().await;
    let mut ada = world.person(ADA).sending("accept-language", "fr-CA,fr;q=0.9,en;q=0.1");
    ada.signs_up().await.is(202);
    let mail = newest(&ada);
    insta::assert_snapshot!(scrubbed(&ada, &mail, &mail.subject), @"[code] est votre code d’activation");
    insta::assert_snapshot!(scrubbed(&ada, &mail, &mail.text), @r#"
    [code]

    Votre code d’activation

    Saisissez-le dans la minute, sur la page où vous avez créé votre compte.

    Ou ouvrez la page d’activation ici
    https://registration.example/activate#registration=[registration]

    --
    Quelqu’un, sans doute vous, crée un compte avec l’adresse ada@example.com.
    Vous n’avez rien demandé ? Sans ce code, personne ne peut créer de compte. Dites-nous que ce n’était pas vous
    https://registration.example/not-me#token=[token]
    "#);
    insta::assert_snapshot!(preview_of(&scrubbed(&ada, &mail, &mail.html)), @"[code] – à saisir dans la minute.");
    assert!(mail.html.contains(r#"<html lang="fr">"#));
}

#[tokio::test]
async fn the_owner_of_an_account_gets_a_note_without_any_code() {
    let world = World::new().await;
    world.has_account(ADA).await;
    let stranger = world.signs_up(ADA).await;
    let mail = newest(&stranger);
    assert_eq!(mail.code(), None);
    insta::assert_snapshot!(scrubbed(&stranger, &mail, &mail.subject), @"You already have an account");
    insta::assert_snapshot!(scrubbed(&stranger, &mail, &mail.text), @r#"
    You already have an account

    Someone tried to sign up with ada@example.com, which already has an account. Nothing has changed: sign in as usual, or reset your password.

    Reset your password
    https://registration.example/password

    --
    You’re receiving this email because your account uses this address.
    Didn’t sign up? Tell us it wasn’t you
    https://registration.example/not-me#token=[token]
    "#);
    insta::assert_snapshot!(preview_of(&scrubbed(&stranger, &mail, &mail.html)), @"Someone tried to sign up with your address. Nothing has changed.");
    assert!(!mail.text.contains("/activate") && !mail.html.contains("/activate"));

    let mut french = world.person(ADA).sending("accept-language", "fr");
    french.signs_up().await.is(202);
    let mail = newest(&french);
    insta::assert_snapshot!(scrubbed(&french, &mail, &mail.subject), @"Vous avez déjà un compte");
    insta::assert_snapshot!(scrubbed(&french, &mail, &mail.text), @r#"
    Vous avez déjà un compte

    Quelqu’un a essayé de s’inscrire avec l’adresse ada@example.com, déjà associée à un compte. Rien n’a changé : connectez-vous comme d’habitude, ou réinitialisez votre mot de passe.

    Réinitialiser mon mot de passe
    https://registration.example/password

    --
    Vous recevez cet e-mail parce que votre compte utilise cette adresse.
    Vous n’avez rien demandé ? Dites-nous que ce n’était pas vous
    https://registration.example/not-me#token=[token]
    "#);

    world.time_passes(31.0).await;
    stranger.resends().await.is(202);
    assert_eq!(
        newest(&stranger).subject,
        "You already have an account",
        "a resend is a note again"
    );
    assert_eq!(stranger.mails().len(), 4);
}

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
        (json!(null), Some("de, fr;q=0.5, en;q=0.2"), "fr"),
        (json!(null), Some("de"), "en"),
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
        let lang = format!(r#"<html lang="{language}">"#);
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
    assert!(!request.contains("Ada@"), "the address as normalised");
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

/// What mailboxes show beside the subject: the first text of the page.
fn preview_of(html: &str) -> String {
    let (_, after) = html.split_once("overflow:hidden\">").expect("a preview");
    after.split("</div>").next().expect("its end").to_owned()
}
