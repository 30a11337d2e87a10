//! What the mails of a sign-up say.

use shared::testing::SentMail;
use world::{Person, World};

pub(crate) const ADA: &str = "ada@example.com";

/// An email without the parts that differ each time.
fn scrubbed(person: &Person<'_>, mail: &SentMail, part: &str) -> String {
    // The code last: its digits may occur in the others.
    let part = part
        .replace(&token(mail), "[token]")
        .replace(person.registration.as_deref().expect("an attempt"), "[registration]");
    mail.code().map_or(part.clone(), |code| part.replace(&code, "[code]"))
}

/// What the "this wasn't me" link carries.
pub(crate) fn token(mail: &SentMail) -> String {
    mail.token("/not-me").expect("a link to say that it wasn't me")
}

pub(crate) fn newest(person: &Person<'_>) -> SentMail {
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

    Page closed? Open it again
    https://registration.example/activate#registration=[registration]&email=ada%40example.com&lang=en

    registration.example will never ask you for this code by phone, email or chat. Don’t share it.

    --
    Someone, hopefully you, is creating an account at registration.example with ada@example.com.
    Didn’t request this? No one can create an account without this code. Tell us it wasn’t you
    https://registration.example/not-me#token=[token]&lang=en

    registration.example
    "#);
    insta::assert_snapshot!(scrubbed(&ada, &mail, &mail.html), @r#"
    <!doctype html>
    <html lang="en" dir="ltr">
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
      .code { background: #24283c !important; }
      .ink { color: #eceef8 !important; }
      .quiet { color: #a8aec6 !important; }
      .link { color: #919fff !important; }
      .button { background: #919fff !important; border-color: #919fff !important; color: #10142e !important; }
      .rule { border-color: #2a2f41 !important; }
      .logo { background: #ffffff !important; padding: 6px 8px !important; border-radius: 8px !important; }
    }
    </style>
    </head>
    <body class="page" style="margin:0;padding:0;background:#f3f4f9">
    <div class="page" lang="en" dir="ltr" style="background:#f3f4f9">
    <div style="display:none;mso-hide:all;max-height:0;overflow:hidden">[code] – enter it within one minute.&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div>
    <table class="page" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f3f4f9"><tr><td align="center" style="padding:24px 12px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:440px"><tr><td class="ink" style="padding:0 4px 16px;font-size:18px;line-height:24px;font-weight:700;color:#171a2b;word-break:break-word">registration.example</td></tr></table>
    <table class="card" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:440px;background:#ffffff;border:1px solid #e3e5ef;border-radius:16px"><tr><td style="padding:24px">
    <table class="code" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 20px;background:#ebedfa;border-radius:12px"><tr><td class="ink" align="center" style="padding:20px 8px 20px 18px;font:700 44px/48px ui-monospace,Menlo,Consolas,'Courier New',monospace;letter-spacing:10px;color:#171a2b">[code]</td></tr></table>
    <h1 class="ink" style="margin:0 0 8px;font-size:20px;line-height:26px;font-weight:600;color:#171a2b">Your activation code</h1>
    <p class="ink" style="margin:0 0 20px;font-size:16px;line-height:24px;color:#171a2b;word-break:break-word">Enter it within one minute, on the page where you signed up.</p>
    <p style="margin:0 0 20px;font-size:16px;line-height:24px"><a class="link" href="https://registration.example/activate#registration=[registration]&#38;email=ada%40example.com&#38;lang=en" target="_blank" rel="noopener" style="color:#3d4fd6">Page closed? Open it again</a></p>
    <p class="ink" style="margin:0 0 20px;font-size:14px;line-height:20px;color:#171a2b;word-break:break-word">registration.example will never ask you for this code by phone, email or chat. Don’t share it.</p>
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="rule" style="border-top:1px solid #e3e5ef;padding-top:16px">
    <p class="quiet" style="margin:0 0 8px;font-size:14px;line-height:20px;color:#565c75;word-break:break-word">Someone, hopefully you, is creating an account at registration.example with ada@example.com.</p>
    <p class="quiet" style="margin:0;font-size:14px;line-height:20px;color:#565c75">Didn’t request this? No one can create an account without this code. <a class="link" href="https://registration.example/not-me#token=[token]&#38;lang=en" target="_blank" rel="noopener" style="color:#3d4fd6">Tell us it wasn’t you</a></p>
    </td></tr></table>
    </td></tr></table>
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:440px"><tr><td style="padding:16px 4px 0">
    <p class="quiet" style="margin:0;font-size:13px;line-height:20px;color:#565c75;word-break:break-word">registration.example</p>
    </td></tr></table>
    </td></tr></table>
    </div>
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

    Page fermée ? Rouvrez-la
    https://registration.example/activate#registration=[registration]&email=ada%40example.com&lang=fr

    registration.example ne vous demandera jamais ce code par téléphone, par e-mail ou par message. Ne le partagez pas.

    --
    Quelqu’un, sans doute vous, crée un compte sur registration.example avec l’adresse ada@example.com.
    Vous n’avez rien demandé ? Sans ce code, personne ne peut créer de compte. Dites-nous que ce n’était pas vous
    https://registration.example/not-me#token=[token]&lang=fr

    registration.example
    "#);
    insta::assert_snapshot!(preview_of(&scrubbed(&ada, &mail, &mail.html)), @"[code] – à saisir dans la minute.");
    assert!(mail.html.contains(r#"<html lang="fr" dir="ltr">"#));
}

#[tokio::test]
async fn the_owner_of_an_account_gets_a_note_without_any_code() {
    let world = World::new().await;
    world.has_account(ADA).await;
    let stranger = world.signs_up(ADA).await;
    let mail = newest(&stranger);
    assert_eq!(mail.code(), None);
    insta::assert_snapshot!(scrubbed(&stranger, &mail, &mail.subject), @"You already have an account at registration.example");
    insta::assert_snapshot!(scrubbed(&stranger, &mail, &mail.text), @r#"
    You already have an account

    Someone tried to sign up at registration.example with ada@example.com, which already has an account. Nothing has changed: sign in, or reset your password.

    Sign in
    https://registration.example/login#lang=en

    Reset your password
    https://registration.example/password#lang=en

    --
    You’re receiving this email because your account at registration.example uses this address.
    Didn’t sign up? Tell us it wasn’t you
    https://registration.example/not-me#token=[token]&lang=en

    registration.example
    "#);
    insta::assert_snapshot!(preview_of(&scrubbed(&stranger, &mail, &mail.html)), @"Someone tried to sign up with your address. Nothing has changed.");
    assert!(!mail.text.contains("/activate") && !mail.html.contains("/activate"));

    let mut french = world.person(ADA).sending("accept-language", "fr");
    french.signs_up().await.is(202);
    let mail = newest(&french);
    insta::assert_snapshot!(scrubbed(&french, &mail, &mail.subject), @"Vous avez déjà un compte registration.example");
    insta::assert_snapshot!(scrubbed(&french, &mail, &mail.text), @r#"
    Vous avez déjà un compte

    Quelqu’un a essayé de s’inscrire sur registration.example avec l’adresse ada@example.com, déjà associée à un compte. Rien n’a changé : connectez-vous, ou réinitialisez votre mot de passe.

    Me connecter
    https://registration.example/login#lang=fr

    Réinitialiser mon mot de passe
    https://registration.example/password#lang=fr

    --
    Vous recevez cet e-mail parce que votre compte registration.example utilise cette adresse.
    Vous n’avez rien demandé ? Dites-nous que ce n’était pas vous
    https://registration.example/not-me#token=[token]&lang=fr

    registration.example
    "#);

    world.time_passes(31.0).await;
    stranger.resends().await.is(202);
    assert_eq!(
        newest(&stranger).subject,
        "You already have an account at registration.example",
        "a resend is a note again"
    );
    assert_eq!(stranger.mails().len(), 4);
}

/// What mailboxes show beside the subject: the first text of the page.
fn preview_of(html: &str) -> String {
    let (_, after) = html.split_once("overflow:hidden\">").expect("a preview");
    after.split("&#847;").next().expect("its end").to_owned()
}
