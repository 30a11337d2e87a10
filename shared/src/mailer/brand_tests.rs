//! Emails of three sites: one without a brand, one with little of it, and one with all.

use domain::{
    code::{ActivationCode, CodeLength},
    email::Email,
    locale::Locale::{self, En, Fr},
    token::Token,
};
use process::Environment;
use uuid::Uuid;
use web::{PublicUrl, brand::Brand};

use super::Letterhead;
use crate::mailer::{Mail, MailedCode};

const NONE: &[(&str, &str)] = &[];
const QUIET: &[(&str, &str)] = &[("SITE_NAME", "Maison Lumière"), ("ACCENT_COLOR", "#5c6f62")];
const LOUD: &[(&str, &str)] = &[
    ("SITE_NAME", "Wave & <Length>"),
    ("LOGO_URL", "/logo.png?v=2"),
    ("ACCENT_COLOR", "#e5173f"),
    ("SUPPORT_URL", "https://www.wave.example/help/?from=email#top"),
];

fn letterhead(settings: &[(&str, &str)]) -> Letterhead {
    let settings = [("PUBLIC_URL", "https://accounts.example/v1")].iter().chain(settings);
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment = Environment::of(&settings.map(owned).collect());
    let public_url = PublicUrl::of(&environment).unwrap();
    Letterhead { brand: Brand::of(&environment, &public_url).unwrap(), public_url }
}

/// Every email to this address.
fn mails(settings: &[(&str, &str)], locale: Locale, to: &str) -> [Mail; 6] {
    let (sheet, to, token) = (letterhead(settings), Email::parse(to).unwrap(), Token::generate());
    let code = ActivationCode::generate("4".parse::<CodeLength>().unwrap());
    let mailed =
        MailedCode { code: &code, lifetime_seconds: 60, registration: Uuid::nil(), not_me: &token };
    [
        Mail::activation(locale, &sheet, &mailed, &to),
        Mail::account_exists(locale, &sheet, &token, &to),
        Mail::new_password(locale, &sheet, &token, &to),
        Mail::no_account(locale, &sheet, &to),
        Mail::password_changed(locale, &sheet, &to),
        Mail::account_deleted(locale, &sheet, &to),
    ]
}

/// What stands below the line in the text part.
fn signed(mail: &Mail) -> &str {
    mail.text.rsplit_once("\n\n").unwrap().1
}

#[test]
fn every_email_names_the_site_and_its_host() {
    for (settings, name, signature) in [
        (NONE, "accounts.example", "accounts.example"),
        (QUIET, "Maison Lumière", "Maison Lumière · accounts.example"),
        (LOUD, "Wave & <Length>", "Wave & <Length> · accounts.example"),
    ] {
        for mail in Locale::ALL.iter().flat_map(|it| mails(settings, *it, "ada@example.com")) {
            let escaped =
                |text: &str| text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
            assert_eq!(signed(&mail).lines().next(), Some(signature), "{}", mail.text);
            assert!(mail.html.contains(&escaped(signature)), "{}", mail.html);
            let (above, below) = mail.text.split_once("\n--\n").unwrap();
            assert!(below.lines().next().is_some_and(|reason| reason.contains(name)), "{below}");
            assert!(!above.contains("{site}") && !mail.html.contains(&escaped("<Length>{")));
            // A code comes first, and no other digits beside it.
            let is_named = mail.subject.contains(name);
            assert_eq!(is_named, mail.kind != "activation", "{}", mail.subject);
        }
    }
}

#[test]
fn an_email_with_a_code_or_a_link_says_that_the_site_never_asks_for_it() {
    for (locale, words) in [(En, "will never ask you for"), (Fr, "ne vous demandera jamais")] {
        for mail in mails(QUIET, locale, "ada@example.com") {
            let has_secret = ["activation", "new-password"].contains(&mail.kind);
            for part in [&mail.text, &mail.html] {
                assert_eq!(part.contains(&format!("Maison Lumière {words}")), has_secret, "{part}");
            }
        }
    }
}

#[test]
fn help_is_offered_where_there_is_some() {
    for mail in Locale::ALL.iter().flat_map(|it| mails(QUIET, *it, "ada@example.com")) {
        assert_eq!(signed(&mail).lines().count(), 1, "{}", mail.text);
    }
    let by_mail = &[("SUPPORT_URL", "mailto:help@example.com")];
    for (locale, ask) in [(En, "Need help?"), (Fr, "Besoin d’aide\u{a0}?")] {
        for (settings, url, text, shown) in [
            (LOUD, LOUD[3].1, LOUD[3].1, "www.wave.example/help"),
            (by_mail, "mailto:help@example.com", "help@example.com", "help@example.com"),
        ] {
            for mail in mails(settings, locale, "ada@example.com") {
                assert_eq!(signed(&mail).lines().last(), Some(&*format!("{ask} {text}")));
                let link = format!("{ask} <a class=\"link\" href=\"{url}\"");
                assert!(mail.html.contains(&link), "{}", mail.html);
                assert!(mail.html.contains(&format!(">{shown}</a></p>")), "{}", mail.html);
            }
        }
    }
}

#[test]
fn the_accent_is_in_both_schemes() {
    for settings in [NONE, QUIET, LOUD] {
        let accent = letterhead(settings).brand.accent;
        let [activation, _, new_password, ..] = mails(settings, En, "ada@example.com");
        for color in [accent.light.wash, accent.light.text, accent.dark.wash, accent.dark.text] {
            assert!(activation.html.contains(&color.to_string()), "{color}");
        }
        for color in [accent.light.fill, accent.light.ink, accent.dark.fill, accent.dark.ink] {
            assert!(new_password.html.contains(&color.to_string()), "{color}");
        }
    }
}

#[test]
fn a_logo_is_there_if_mail_programs_show_it() {
    let [mail, ..] = mails(LOUD, En, "ada@example.com");
    let logo = "src=\"https://accounts.example/logo.png?v=2\" alt=\"Wave &#38; &#60;Length&#62;\"";
    assert!(mail.html.contains(logo), "{}", mail.html);
    for unseen in ["/logo.svg", "/Logo.SVG?v=2", "data:image/png;base64,iVBORw0KGgo="] {
        let [mail, ..] = mails(&[("SITE_NAME", "Wave"), ("LOGO_URL", unseen)], En, "a@example.com");
        assert!(!mail.html.contains("<img") && !mail.html.contains("data:"), "{}", mail.html);
        assert!(mail.html.contains(">Wave</td>"), "{}", mail.html);
    }
}

#[test]
fn every_link_leaves_the_frame_of_a_mailbox_and_carries_the_language() {
    for locale in Locale::ALL.iter().copied() {
        for mail in mails(NONE, locale, "ada+tag@example.com") {
            let links: Vec<_> = mail.html.split("<a ").skip(1).collect();
            assert!(!links.is_empty());
            for link in links {
                let (link, _) = link.split_once('>').unwrap();
                assert!(link.contains("\" target=\"_blank\" rel=\"noopener\""), "{link}");
                assert!(link.contains(&format!("lang={}\"", locale.as_str())), "{link}");
            }
            let urls = mail.text.lines().filter(|line| line.starts_with("https://"));
            for url in urls {
                assert!(url.starts_with("https://accounts.example/v1/"), "{url}");
                assert!(url.ends_with(&format!("lang={}", locale.as_str())), "{url}");
            }
        }
        let [activation, note, reset, ..] = mails(NONE, locale, "ada+tag@example.com");
        let address = "&email=ada%2Btag%40example.com&lang=";
        let start = format!("/v1/activate#registration={}{address}", Uuid::nil());
        assert!(activation.text.contains(&start), "{}", activation.text);
        assert!(note.text.contains("/v1/login#lang=") && note.text.contains("/v1/password#lang="));
        assert!(reset.text.contains(address), "{}", reset.text);
    }
}

#[test]
fn an_address_is_written_in_its_own_letters() {
    for (typed, shown) in [
        ("ada@bücher.example", "\u{2068}ada@bücher.example\u{2069}"),
        ("ada@مثال.إختبار", "\u{2068}ada@مثال.إختبار\u{2069}"),
        // A Cyrillic а among Latin letters.
        ("ada@exаmple.com", "ada@xn--exmple-4nf.com"),
        ("ada@example.com", "ada@example.com"),
    ] {
        for mail in Locale::ALL.iter().flat_map(|it| mails(NONE, *it, typed)) {
            assert!(mail.text.contains(shown), "{}", mail.text);
            assert!(mail.html.contains(shown), "{}", mail.html);
        }
    }
}

#[test]
fn all_of_a_brand_in_plain_text() {
    let read = |locale| mails(LOUD, locale, "ada@bücher.example")[4].text.clone();
    insta::assert_snapshot!(read(En), @"
    Your password was changed

    The password for \u{2068}ada@bücher.example\u{2069} was changed, and every earlier sign-in has ended. If this was you, you can ignore this email. If not, reset your password now.

    Reset your password
    https://accounts.example/v1/password#lang=en

    --
    You’re receiving this email because your account at Wave & <Length> uses this address.
    Wasn’t this you? Someone else knows your password or can read your email. Change the password of your mailbox as well.

    Wave & <Length> · accounts.example
    Need help? https://www.wave.example/help/?from=email#top
    ");
    insta::assert_snapshot!(read(Fr), @"
    Votre mot de passe a été modifié

    Le mot de passe du compte \u{2068}ada@bücher.example\u{2069} a été modifié, et toutes les sessions ouvertes ont pris fin. Si c’était vous, vous pouvez ignorer cet e-mail. Sinon, réinitialisez votre mot de passe tout de suite.

    Réinitialiser mon mot de passe
    https://accounts.example/v1/password#lang=fr

    --
    Vous recevez cet e-mail parce que votre compte Wave & <Length> utilise cette adresse.
    Ce n’était pas vous\u{a0}? Quelqu’un d’autre connaît votre mot de passe ou peut lire vos e-mails. Changez aussi le mot de passe de votre messagerie.

    Wave & <Length> · accounts.example
    Besoin d’aide\u{a0}? https://www.wave.example/help/?from=email#top
    ");
}
