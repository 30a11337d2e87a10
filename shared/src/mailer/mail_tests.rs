//! The emails about an account, as its owner reads them. Those of a sign-up are in `tests/stories`.

use super::{Letterhead, Mail};
use domain::{
    email::Email,
    locale::Locale::{self, En, Fr},
    token::Token,
};
use process::Environment;
use web::{PublicUrl, brand::Brand};

const LETTERS: [fn(Locale, &Token, &Email) -> Mail; 4] =
    [new_password, no_account, password_changed, account_deleted];
const ADA: &str = "ada@example.com";

fn new_password(locale: Locale, token: &Token, to: &Email) -> Mail {
    Mail::new_password(locale, &letterhead(), token, to)
}

fn no_account(locale: Locale, _: &Token, to: &Email) -> Mail {
    Mail::no_account(locale, &letterhead(), to)
}

fn password_changed(locale: Locale, _: &Token, to: &Email) -> Mail {
    Mail::password_changed(locale, &letterhead(), to)
}

fn account_deleted(locale: Locale, _: &Token, to: &Email) -> Mail {
    Mail::account_deleted(locale, &letterhead(), to)
}

fn letterhead() -> Letterhead {
    with(&[("SITE_NAME", "Example")])
}

fn with(settings: &[(&str, &str)]) -> Letterhead {
    let settings = [("PUBLIC_URL", "https://registration.example")].iter().chain(settings);
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment = Environment::of(&settings.map(owned).collect());
    let public_url = PublicUrl::of(&environment).unwrap();
    Letterhead { brand: Brand::of(&environment, &public_url).unwrap(), public_url }
}

/// The text part, below the subject and the preview.
fn read(letter: fn(Locale, &Token, &Email) -> Mail, locale: Locale) -> String {
    let token = Token::generate();
    let mail = letter(locale, &token, &address(ADA));
    let (_, preview) = mail.html.split_once("overflow:hidden\">").expect("a preview");
    let (preview, _) = preview.split_once("&#847;").expect("its end");
    let text = mail.text.replace(&token.expose(), "[token]");
    format!("{}\n({preview})\n\n{text}", mail.subject)
}

fn address(text: &str) -> Email {
    Email::parse(text).unwrap()
}

#[test]
fn a_request_for_a_new_password_is_answered_with_a_link_that_works_once() {
    insta::assert_snapshot!(read(new_password, En), @r#"
    Reset your Example password
    (Use the link within 15 minutes. It works once.)

    Reset your password

    Use this link within 15 minutes to choose a new password. It works once.

    Choose a new password
    https://registration.example/password#token=[token]&email=ada%40example.com&lang=en

    Example will never ask you for this link. Don’t forward this email.

    --
    Someone, hopefully you, asked to reset the password for ada@example.com at Example.
    Didn’t request this? Ignore this email: your password stays the same.

    Example · registration.example
    "#);
    insta::assert_snapshot!(read(new_password, Fr), @r#"
    Réinitialisez votre mot de passe Example
    (Utilisez le lien dans les 15 minutes. Il ne fonctionne qu’une fois.)

    Réinitialisez votre mot de passe

    Utilisez ce lien dans les 15 minutes pour choisir un nouveau mot de passe. Il ne fonctionne qu’une fois.

    Choisir un nouveau mot de passe
    https://registration.example/password#token=[token]&email=ada%40example.com&lang=fr

    Example ne vous demandera jamais ce lien. Ne transférez pas cet e-mail.

    --
    Quelqu’un, sans doute vous, a demandé un nouveau mot de passe sur Example pour l’adresse ada@example.com.
    Vous n’avez rien demandé ? Ignorez cet e-mail : votre mot de passe reste le même.

    Example · registration.example
    "#);
}

#[test]
fn an_address_without_account_is_told_that_there_is_none() {
    insta::assert_snapshot!(read(no_account, En), @r#"
    No active account at Example for this address
    (There is no password to reset. Try another address, or sign up.)

    No active account for this address

    We found no active account for this address. You may have used a different one or never entered the activation code, or the account may be blocked. Try another address, or sign up.

    Sign up
    https://registration.example/#lang=en

    --
    Someone, hopefully you, asked to reset the password for ada@example.com at Example.
    Didn’t request this? Ignore this email: nothing has changed.

    Example · registration.example
    "#);
    insta::assert_snapshot!(read(no_account, Fr), @r#"
    Aucun compte Example actif pour cette adresse
    (Il n’y a pas de mot de passe à réinitialiser. Essayez une autre adresse, ou inscrivez-vous.)

    Aucun compte actif pour cette adresse

    Nous n’avons trouvé aucun compte actif pour cette adresse. Peut-être en avez-vous utilisé une autre, n’avez-vous jamais saisi le code d’activation, ou le compte est-il bloqué. Essayez une autre adresse, ou inscrivez-vous.

    M’inscrire
    https://registration.example/#lang=fr

    --
    Quelqu’un, sans doute vous, a demandé un nouveau mot de passe sur Example pour l’adresse ada@example.com.
    Vous n’avez rien demandé ? Ignorez cet e-mail : rien n’a changé.

    Example · registration.example
    "#);
}

#[test]
fn the_owner_is_told_of_each_change_of_the_password() {
    insta::assert_snapshot!(read(password_changed, En), @r#"
    Your Example password was changed
    (If this was you, you can ignore this email. If not, reset your password now.)

    Your password was changed

    The password for ada@example.com was changed, and every earlier sign-in has ended. If this was you, you can ignore this email. If not, reset your password now.

    Reset your password
    https://registration.example/password#lang=en

    --
    You’re receiving this email because your account at Example uses this address.
    Wasn’t this you? Someone else knows your password or can read your email. Change the password of your mailbox as well.

    Example · registration.example
    "#);
    insta::assert_snapshot!(read(password_changed, Fr), @r#"
    Votre mot de passe Example a été modifié
    (Si c’était vous, vous pouvez ignorer cet e-mail. Sinon, réinitialisez votre mot de passe tout de suite.)

    Votre mot de passe a été modifié

    Le mot de passe du compte ada@example.com a été modifié, et toutes les sessions ouvertes ont pris fin. Si c’était vous, vous pouvez ignorer cet e-mail. Sinon, réinitialisez votre mot de passe tout de suite.

    Réinitialiser mon mot de passe
    https://registration.example/password#lang=fr

    --
    Vous recevez cet e-mail parce que votre compte Example utilise cette adresse.
    Ce n’était pas vous ? Quelqu’un d’autre connaît votre mot de passe ou peut lire vos e-mails. Changez aussi le mot de passe de votre messagerie.

    Example · registration.example
    "#);
}

#[test]
fn the_owner_of_a_deleted_account_is_told() {
    insta::assert_snapshot!(read(account_deleted, En), @r#"
    Your Example account was deleted
    (Everything stored with your address is gone. You don’t need to do anything.)

    Your account was deleted

    The account ada@example.com and everything stored with it have been deleted. You don’t need to do anything.

    You can sign up again at any time
    https://registration.example/#lang=en

    --
    You’re receiving this email because the account at Example used this address.
    Wasn’t this you? If neither you nor Example did this, someone had access to your account. Change the password of your mailbox, and don’t use the old password of this account anywhere.

    Example · registration.example
    "#);
    insta::assert_snapshot!(read(account_deleted, Fr), @r#"
    Votre compte Example a été supprimé
    (Tout ce qui était enregistré avec votre adresse a été effacé. Vous n’avez rien à faire.)

    Votre compte a été supprimé

    Le compte ada@example.com et tout ce qui y était enregistré ont été supprimés. Vous n’avez rien à faire.

    Vous pouvez vous réinscrire à tout moment
    https://registration.example/#lang=fr

    --
    Vous recevez cet e-mail parce que le compte Example utilisait cette adresse.
    Ce n’était pas vous ? Si ce n’est ni vous ni Example, quelqu’un a eu accès à votre compte. Changez le mot de passe de votre messagerie, et n’utilisez plus nulle part l’ancien mot de passe de ce compte.

    Example · registration.example
    "#);
}

#[test]
fn each_has_one_link_and_none_to_report_a_foreign_sign_up() {
    let token = Token::generate();
    for locale in Locale::ALL.iter().copied() {
        for (letter, path) in LETTERS.into_iter().zip([
            format!("/password#token={}&email=ada%40example.com&", token.expose()),
            "/#".to_owned(),
            "/password#".to_owned(),
            "/#".to_owned(),
        ]) {
            let mail = letter(locale, &token, &address(ADA));
            let link = format!("https://registration.example{path}lang={}", locale.as_str());
            let escaped = link.replace('&', "&#38;");
            let links: Vec<_> = mail.html.split("href=\"").skip(1).collect();
            assert_eq!(links.len(), 1, "{}", mail.html);
            assert!(links[0].starts_with(&format!("{escaped}\"")), "{}", mail.html);
            assert!(mail.text.contains(&format!("\n{link}\n")), "{}", mail.text);
            assert!(!mail.text.contains("not-me") && mail.text.matches("://").count() == 1);
            // No button invites back an owner who wanted to leave.
            assert_eq!(mail.html.contains("bgcolor"), mail.kind != "account-deleted");
            // Webmails keep the second one alone.
            let language = format!(" lang=\"{}\" dir=\"ltr\"", locale.as_str());
            assert_eq!(mail.html.matches(&language).count(), 2, "{}", mail.html);
        }
    }
}

#[test]
fn both_parts_say_the_same() {
    for locale in Locale::ALL.iter().copied() {
        for letter in LETTERS {
            let mail = letter(locale, &Token::generate(), &address(ADA));
            for line in mail.text.lines().filter(|line| !matches!(*line, "" | "--")) {
                let line = line.replace('&', "&#38;");
                assert!(mail.html.contains(&line), "{line} in {}", mail.html);
            }
        }
    }
}

#[test]
fn an_address_is_text_and_nothing_else() {
    for (email, escaped) in [
        ("a&b@example.com", "a&#38;b@example.com"),
        ("o'hara@example.com", "o&#39;hara@example.com"),
        ("{{lead}}{%raw%}@example.com", "{{lead}}{%raw%}@example.com"),
        ("{link}{lead}@example.com", "{link}{lead}@example.com"),
        ("{address}{code}@example.com", "{address}{code}@example.com"),
    ] {
        for locale in Locale::ALL.iter().copied() {
            for letter in LETTERS {
                let mail = letter(locale, &Token::generate(), &address(email));
                assert_eq!(mail.text.matches(email).count(), 1, "{}", mail.text);
                assert_eq!(mail.html.matches(escaped).count(), 1, "{}", mail.html);
            }
        }
    }
}

#[test]
fn operators_can_tell_the_kinds_apart() {
    let kinds = LETTERS.map(|letter| letter(En, &Token::generate(), &address(ADA)).kind);
    assert_eq!(kinds, ["new-password", "no-account", "password-changed", "account-deleted"]);
}
