//! The mails about an account, as its owner reads them. Those of a sign-up are in `tests/stories`.

use super::{Links, Mail};
use domain::{
    email::Email,
    locale::Locale::{self, En, Fr},
    token::Token,
};

const LETTERS: [fn(Locale, &Token, &Email) -> Mail; 4] =
    [new_password, no_account, password_changed, account_deleted];
const ADA: &str = "ada@example.com";

fn new_password(locale: Locale, token: &Token, to: &Email) -> Mail {
    Mail::new_password(locale, (&links(), token), to)
}

fn no_account(locale: Locale, _: &Token, to: &Email) -> Mail {
    Mail::no_account(locale, &links(), to)
}

fn password_changed(locale: Locale, _: &Token, to: &Email) -> Mail {
    Mail::password_changed(locale, &links(), to)
}

fn account_deleted(locale: Locale, _: &Token, to: &Email) -> Mail {
    Mail::account_deleted(locale, &links(), to)
}

fn links() -> Links {
    Links { public_url: "https://registration.example".to_owned() }
}

/// The text part, below the subject and the preview.
fn read(letter: fn(Locale, &Token, &Email) -> Mail, locale: Locale) -> String {
    let token = Token::generate();
    let mail = letter(locale, &token, &address(ADA));
    let (_, preview) = mail.html.split_once("overflow:hidden\">").expect("a preview");
    let (preview, _) = preview.split_once("</div>").expect("its end");
    let text = mail.text.replace(&token.expose(), "[token]");
    format!("{}\n({preview})\n\n{text}", mail.subject)
}

fn address(text: &str) -> Email {
    Email::parse(text).unwrap()
}

#[test]
fn who_asks_for_a_new_password_gets_a_link_that_works_once() {
    insta::assert_snapshot!(read(new_password, En), @r#"
    Your link to a new password
    (It works once, for 15 minutes.)

    Your link to a new password

    Follow it to choose a new password. It works once, for 15 minutes.

    Choose a new password
    https://registration.example/password#token=[token]

    --
    Somebody, hopefully you, has asked for a new password for ada@example.com.
    Wasn’t it you? Ignore this mail: nothing has changed, and your password stays as it is.
    "#);
    insta::assert_snapshot!(read(new_password, Fr), @r#"
    Votre lien vers un nouveau mot de passe
    (Il fonctionne une seule fois, pendant 15 minutes.)

    Votre lien vers un nouveau mot de passe

    Suivez-le pour choisir un nouveau mot de passe. Il fonctionne une seule fois, pendant 15 minutes.

    Choisir un nouveau mot de passe
    https://registration.example/password#token=[token]

    --
    Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour ada@example.com.
    Ce n’était pas vous ? Ignorez ce message : rien n’a changé, et votre mot de passe reste le même.
    "#);
}

#[test]
fn an_address_without_account_hears_that_there_is_none() {
    insta::assert_snapshot!(read(no_account, En), @r#"
    No active account with this address
    (Somebody asked for a new password for it. There is none to change.)

    No active account with this address

    So there is no password to change. Perhaps your account has another address, was never activated with its code, or is blocked. Try another address, or sign up.

    Sign up
    https://registration.example

    --
    Somebody, hopefully you, has asked for a new password for ada@example.com.
    Wasn’t it you? Ignore this mail: nothing has changed.
    "#);
    insta::assert_snapshot!(read(no_account, Fr), @r#"
    Aucun compte actif avec cette adresse
    (Quelqu’un a demandé un nouveau mot de passe, mais il n’y en a aucun à changer.)

    Aucun compte actif avec cette adresse

    Il n’y a donc pas de mot de passe à changer. Votre compte a peut-être une autre adresse, n’a jamais été activé avec son code, ou est bloqué. Essayez une autre adresse, ou inscrivez-vous.

    S’inscrire
    https://registration.example

    --
    Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour ada@example.com.
    Ce n’était pas vous ? Ignorez ce message : rien n’a changé.
    "#);
}

#[test]
fn a_changed_password_is_told_to_the_owner_whoever_changed_it() {
    insta::assert_snapshot!(read(password_changed, En), @r#"
    Your password was changed
    (If it was you, nothing is left to do. If not, act now.)

    Your password was changed

    The account ada@example.com has a new password, and every session has ended. If it was you, nothing is left to do. If not, ask for a new password at once.

    Ask for a new password
    https://registration.example/password

    --
    You get this mail because the account belongs to this address.
    Wasn’t it you? Somebody knew your password or reads your mails. Change the password of your mailbox, too.
    "#);
    insta::assert_snapshot!(read(password_changed, Fr), @r#"
    Votre mot de passe a été changé
    (Si c’était vous, vous n’avez rien à faire. Sinon, agissez tout de suite.)

    Votre mot de passe a été changé

    Le compte ada@example.com a un nouveau mot de passe, et toutes les sessions sont terminées. Si c’était vous, vous n’avez rien à faire. Sinon, demandez tout de suite un nouveau mot de passe.

    Demander un nouveau mot de passe
    https://registration.example/password

    --
    Vous recevez ce message parce que le compte appartient à cette adresse.
    Ce n’était pas vous ? Quelqu’un connaissait votre mot de passe ou lit vos messages. Changez aussi le mot de passe de votre messagerie.
    "#);
}

#[test]
fn who_deleted_an_account_hears_that_it_is_gone() {
    insta::assert_snapshot!(read(account_deleted, En), @r#"
    Your account was deleted
    (All that was stored with your address is gone. Nothing is left to do.)

    Your account was deleted

    The account ada@example.com is gone, with all that was stored with the address. Nothing is left to do.

    You can sign up again at any time
    https://registration.example

    --
    You get this mail because the account belonged to this address.
    Wasn’t it you? If it wasn’t the site either, somebody was signed in as you. Change the password of your mailbox, and never use the old one of this account again.
    "#);
    insta::assert_snapshot!(read(account_deleted, Fr), @r#"
    Votre compte a été supprimé
    (Tout ce qui était enregistré avec votre adresse a disparu. Vous n’avez rien à faire.)

    Votre compte a été supprimé

    Le compte ada@example.com n’existe plus, ni rien de ce qui était enregistré avec l’adresse. Vous n’avez rien à faire.

    Vous pouvez vous réinscrire à tout moment
    https://registration.example

    --
    Vous recevez ce message parce que le compte appartenait à cette adresse.
    Ce n’était pas vous ? Si ce n’était pas le site non plus, quelqu’un était connecté à votre place. Changez le mot de passe de votre messagerie, et n’utilisez plus jamais l’ancien de ce compte.
    "#);
}

#[test]
fn each_has_one_link_and_none_to_say_that_somebody_did_not_sign_up() {
    let token = Token::generate();
    for locale in [En, Fr] {
        for (letter, path) in LETTERS.into_iter().zip([
            format!("/password#token={}", token.expose()),
            String::new(),
            "/password".to_owned(),
            String::new(),
        ]) {
            let mail = letter(locale, &token, &address(ADA));
            let link = format!("https://registration.example{path}");
            let links: Vec<_> = mail.html.split("href=\"").skip(1).collect();
            assert_eq!(links.len(), 1, "{}", mail.html);
            assert!(links[0].starts_with(&format!("{link}\"")), "{}", mail.html);
            assert!(mail.text.contains(&format!("\n{link}\n")), "{}", mail.text);
            assert!(!mail.text.contains("not-me") && mail.text.matches("://").count() == 1);
            // No button pulls somebody back who wanted to leave.
            assert_eq!(mail.html.contains("bgcolor"), mail.kind != "account-deleted");
            assert!(mail.html.contains(&format!("<html lang=\"{}\">", locale.as_str())));
        }
    }
}

#[test]
fn both_parts_say_the_same() {
    for locale in [En, Fr] {
        for letter in LETTERS {
            let mail = letter(locale, &Token::generate(), &address(ADA));
            for line in mail.text.lines().filter(|line| !matches!(*line, "" | "--")) {
                assert!(mail.html.contains(line), "{line} in {}", mail.html);
            }
        }
    }
}

#[test]
fn an_address_is_text_and_nothing_else() {
    for (email, escaped) in [
        ("a&b@example.com", "a&amp;b@example.com"),
        ("{link}{lead}@example.com", "{link}{lead}@example.com"),
        ("{address}{code}@example.com", "{address}{code}@example.com"),
    ] {
        for locale in [En, Fr] {
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
