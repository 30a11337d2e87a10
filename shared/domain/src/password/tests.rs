//! Tests of the password rules.

use argon2::Params;
use argon2::password_hash::phc;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::hasher::{DUMMY, PARAMS};
use super::{HashError, Hasher, NewPassword, Password, PasswordHash, WeakPassword};
use crate::email::Email;

const GOOD: &str = "correct horse battery staple";

fn chosen(text: &str) -> Result<String, WeakPassword> {
    NewPassword::parse(text, None, 8).map(|password| password.expose().to_owned())
}

fn chosen_by(address: &str, text: &str) -> Result<(), WeakPassword> {
    let email = Email::parse(address).unwrap();
    NewPassword::parse(text, Some(&email), 8).map(|_| ())
}

fn typed(text: &str) -> Password {
    Password::from_typed(text).unwrap()
}

#[test]
fn a_password_has_eight_to_256_characters_after_nfc() {
    assert_eq!(chosen("seven 7"), Err(WeakPassword::TooShort { min: 8 }));
    assert!(chosen("eight  8").is_ok());
    // Eight letters typed as sixteen characters are eight; seven typed as fourteen are not.
    assert!(chosen(&"e\u{301}".repeat(8)).is_ok());
    assert_eq!(chosen(&"e\u{301}".repeat(7)), Err(WeakPassword::TooShort { min: 8 }));
    assert!(chosen(&"😀".repeat(256)).is_ok());
    assert_eq!(chosen(&"😀".repeat(257)), Err(WeakPassword::TooLong));
    assert_eq!(chosen(&"x".repeat(5000)), Err(WeakPassword::TooLong));
}

#[test]
fn the_minimum_is_a_setting_and_the_refusal_names_it() {
    let refusal = NewPassword::parse("eight  8", None, 12).unwrap_err();
    assert_eq!(refusal, WeakPassword::TooShort { min: 12 });
    assert_eq!(refusal.to_string(), "use at least 12 characters");
}

#[test]
fn the_longest_password_fits_however_it_was_typed() {
    let most = ('\0'..=char::MAX).map(|c| c.nfd().count()).max();
    assert_eq!(most, Some(4));

    let longest = "\u{3b1}\u{313}\u{300}\u{345}".repeat(256);
    assert_eq!(chosen(&longest).unwrap().chars().count(), 256);
}

#[test]
fn a_password_of_any_composition_is_accepted() {
    for text in [GOOD, "aaaaaaaa aaaaaaaa", "пароль мой длинный", "🐎🔋📎✅🐎🔋📎✅", "        x"]
    {
        assert!(chosen(text).is_ok(), "{text}");
    }
}

#[test]
fn a_password_that_basic_cannot_carry_is_refused() {
    for control in ['\0', '\t', '\n', '\u{7F}', '\u{85}'] {
        assert_eq!(chosen(&format!("correct{control}horse")), Err(WeakPassword::ControlCharacter));
    }
}

#[test]
fn a_common_password_is_refused_in_any_case() {
    for text in [
        "password",
        "PASSWORD1",
        "Qwertyuiop",
        "12345678",
        "        ",
        "\u{3000}".repeat(8).as_str(),
    ] {
        assert_eq!(chosen(text), Err(WeakPassword::TooCommon), "{text}");
    }
}

#[test]
fn a_password_that_is_essentially_the_address_is_refused() {
    for text in [
        "ada.lovelace@analytical.example",
        "Ada_Lovelace",
        "adalovelace1815",
        "18adalovelace15",
        "Analytical!",
        "analytical.example",
        "2026-analytical",
    ] {
        let outcome = chosen_by("ada.lovelace@analytical.example", text);
        assert_eq!(outcome, Err(WeakPassword::ContainsAddress), "{text}");
    }
    let refused = Err(WeakPassword::ContainsAddress);
    assert_eq!(chosen_by("lovelace+news@example.com", "lovelace1"), refused);
    assert_eq!(chosen_by("ada@büchereien.example", "Büchereien1"), refused);
    assert_eq!(chosen_by("ada1815@example.com", "1815-ada-1815-2"), Ok(()));
}

#[test]
fn a_password_that_only_mentions_the_address_is_accepted() {
    for text in ["ada and her engine", "lovelace-18151210", "a-1-b-2-c-3", "!!!!!!!!"] {
        assert_eq!(chosen_by("ada.lovelace@a.example", text), Ok(()), "{text}");
    }
    assert_eq!(chosen_by("+@example.com", GOOD), Ok(()));
}

#[test]
fn a_password_is_verified_whatever_keyboard_typed_it() {
    let mut hasher = Hasher::allocate();
    let chosen = NewPassword::parse("caf\u{e9} noir", None, 8).unwrap();
    let hash = hasher.hash(&chosen.into_password()).unwrap();

    let mut is_right = |text| hasher.verify(&typed(text), Some(&hash)).unwrap();
    assert!(is_right("cafe\u{301} noir"));
    assert!(!is_right("cafe noir"));
    assert!(!is_right("Caf\u{e9} noir"));
}

#[test]
fn every_hash_has_its_own_salt_of_16_bytes_and_our_parameters() {
    let mut hasher = Hasher::allocate();
    let (one, other) = (hasher.hash(&typed(GOOD)).unwrap(), hasher.hash(&typed(GOOD)).unwrap());

    assert_ne!(one.as_phc(), other.as_phc());
    assert!(one.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(phc::PasswordHash::new(one.as_phc()).unwrap().salt.unwrap().len(), 16);
}

#[test]
fn a_hash_of_older_parameters_is_verified_under_them() {
    let older = Params::new(8192, 1, 1, Some(32)).unwrap();
    let older = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, older);
    let hash = argon2::PasswordHasher::hash_password(&older, GOOD.as_bytes());
    let hash: phc::PasswordHash = hash.unwrap();

    let hash = PasswordHash::from_phc(hash.to_string());
    assert!(Hasher::allocate().verify(&typed(GOOD), Some(&hash)).unwrap());
}

#[test]
fn an_unreadable_hash_is_an_error_and_not_a_wrong_password() {
    let cut = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmU";
    for text in
        ["", "secret", "$argon2id$", "$2b$12$abc", cut, "$scrypt$ln=1$c2FsdHNhbHQ$aGFzaGhhc2g"]
    {
        let hash = PasswordHash::from_phc(text.to_owned());
        let outcome = Hasher::allocate().verify(&typed(GOOD), Some(&hash));
        assert!(matches!(outcome, Err(HashError::Unreadable(_) | HashError::Argon2(_))), "{text}");
    }
}

#[test]
fn the_dummy_costs_as_much_as_a_hash_of_today() {
    let dummy = phc::PasswordHash::new(DUMMY).unwrap();

    assert_eq!(dummy.algorithm.as_str(), "argon2id");
    assert_eq!(dummy.version, Some(19));
    assert_eq!(Params::try_from(&dummy).unwrap(), PARAMS);
    assert_eq!(dummy.salt.unwrap().len(), 16);
}

#[test]
fn a_password_cannot_be_printed() {
    let password = NewPassword::parse(GOOD, None, 8).unwrap();
    let hash = PasswordHash::from_phc(DUMMY.to_owned());

    let printed = format!("{password:?} {:?} {hash:?}", typed(GOOD));
    assert!(!printed.contains("horse") && !printed.contains("argon2"), "{printed}");
}

#[test]
fn a_password_of_any_length_that_could_be_ours_is_read() {
    assert!(Password::from_typed("").is_some());
    assert!(Password::from_typed(&"x".repeat(4096)).is_some());
    assert!(Password::from_typed(&"x".repeat(4097)).is_none());
}

proptest! {
    #[test]
    fn parsing_twice_changes_nothing(text in "\\PC{0,300}") {
        if let Ok(password) = chosen(&text) {
            prop_assert_eq!(chosen(&password), Ok(password));
        }
    }

    #[test]
    fn a_chosen_password_is_what_is_typed_later(text in "\\PC{8,40}") {
        if let Ok(password) = chosen(&text) {
            let typed = typed(&text);
            prop_assert_eq!(typed.expose(), password);
        }
    }
}

#[test]
fn a_hash_is_outdated_when_it_took_less_work_or_another_algorithm() {
    let hash = |head: &str| {
        let rest = "$JLp8McsdTjipVbP++sjMXQ$PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk";
        PasswordHash::from_phc(format!("{head}{rest}")).is_outdated()
    };
    for outdated in [
        "$argon2id$v=19$m=19456,t=1,p=1",
        "$argon2id$v=19$m=12288,t=2,p=1",
        "$argon2i$v=19$m=65536,t=4,p=1",
        "$argon2d$v=19$m=65536,t=4,p=1",
    ] {
        assert!(hash(outdated), "{outdated}");
    }
    for good in [
        "$argon2id$v=19$m=19456,t=2,p=1",
        "$argon2id$v=19$m=12288,t=4,p=1",
        "$argon2id$v=19$m=65536,t=4,p=4",
        "typed",
    ] {
        assert!(!hash(good), "{good}");
    }
    assert!(!Hasher::allocate().hash(&typed(GOOD)).unwrap().is_outdated());
}
