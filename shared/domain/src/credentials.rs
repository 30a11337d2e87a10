//! The credentials of HTTP Basic (RFC 7617): an address and a password.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::zeroize::Zeroizing;

use crate::{email::Email, password::Password};

/// The address of an account or attempt, and a password that is not verified yet.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub email: Email,
    pub password: Password,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentials {
    /// Some clients send Latin-1.
    #[error("the Basic credentials are not UTF-8")]
    NotUtf8,
    #[error("no readable Basic credentials")]
    Unreadable,
}

impl Credentials {
    /// API Gateway accepts 10 KiB of headers in all. The longest credentials accepted at sign-up
    /// are well under 6 KiB.
    const MAX_HEADER_BYTES: usize = 8192;

    /// Reads the value of an `Authorization` header.
    ///
    /// Base64 must be padded and canonical, so each pair has exactly one encoding: RFC 7617 refers
    /// to RFC 4648 §4, whose §3.2 requires padding, and every client sends it.
    pub fn from_basic(header_value: &[u8]) -> Result<Self, InvalidCredentials> {
        if header_value.len() > Self::MAX_HEADER_BYTES {
            return Err(InvalidCredentials::Unreadable);
        }
        let decoded = decode(header_value).ok_or(InvalidCredentials::Unreadable)?;
        let user_pass = std::str::from_utf8(&decoded).map_err(|_| InvalidCredentials::NotUtf8)?;
        read(user_pass).ok_or(InvalidCredentials::Unreadable)
    }
}

fn decode(header_value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (scheme, token) = header_value.split_at_checked(b"Basic".len())?;
    let spaces = token.iter().take_while(|byte| **byte == b' ').count();
    if !scheme.eq_ignore_ascii_case(b"Basic") || spaces == 0 {
        return None;
    }
    Some(Zeroizing::new(STANDARD.decode(&token[spaces..]).ok()?))
}

fn read(user_pass: &str) -> Option<Credentials> {
    // At the first colon: a password may contain others (RFC 7617 §2).
    let (user_id, password) = user_pass.split_once(':')?;
    // RFC 7617 §2 forbids control characters (CTL of RFC 5234) in both parts.
    if user_pass.bytes().any(|byte| byte.is_ascii_control()) || password.is_empty() {
        return None;
    }
    Some(Credentials {
        email: Email::parse(user_id).ok()?,
        password: Password::from_typed(password)?,
    })
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use proptest::prelude::*;

    use super::Credentials;

    fn basic(user_pass: impl AsRef<[u8]>) -> String {
        format!("Basic {}", STANDARD.encode(user_pass))
    }

    fn read(header: impl AsRef<[u8]>) -> Option<(String, String)> {
        let read = Credentials::from_basic(header.as_ref()).ok()?;
        Some((read.email.as_str().to_owned(), read.password.expose().to_owned()))
    }

    fn pair(email: &str, password: &str) -> (String, String) {
        (email.to_owned(), password.to_owned())
    }

    #[test]
    fn an_address_and_a_password_are_read() {
        assert_eq!(read(basic("ada@example.com:engine")), Some(pair("ada@example.com", "engine")));
        // The example of RFC 7617 §2.1 with an address: UTF-8 in the password.
        assert_eq!(read(basic("ada@example.com:123£")), Some(pair("ada@example.com", "123£")));
    }

    #[test]
    fn the_scheme_has_any_case_and_any_number_of_spaces() {
        let token = STANDARD.encode("ada@example.com:engine");
        for scheme in ["basic ", "BASIC ", "bAsIc    "] {
            assert!(read(format!("{scheme}{token}")).is_some(), "{scheme}");
        }
        for scheme in ["Basic", "Basic\t", "Basic \t", " Basic ", "Bearer ", "Basi ", "Basic: ", ""]
        {
            assert_eq!(read(format!("{scheme}{token}")), None, "{scheme}");
        }
    }

    #[test]
    fn a_password_may_hold_colons_and_spaces() {
        assert_eq!(read(basic("ada@example.com:a:b: ")), Some(pair("ada@example.com", "a:b: ")));
    }

    #[test]
    fn address_and_password_are_normalized() {
        let read = read(basic("ADA@Example.com:cafe\u{301}"));
        assert_eq!(read, Some(pair("ada@example.com", "caf\u{e9}")));
    }

    #[test]
    fn a_missing_part_is_refused() {
        for user_pass in ["", ":", "ada@example.com", "ada@example.com:", ":engine", "ada:engine"] {
            assert_eq!(read(basic(user_pass)), None, "{user_pass}");
        }
        for header in ["", "Basic", "Basic ", "Basic  "] {
            assert_eq!(read(header), None, "{header}");
        }
    }

    #[test]
    fn base64_must_be_canonical() {
        // "a@b.cc:pw" needs no padding, with one more letter it needs two, with two more one.
        assert!(read("Basic YUBiLmNjOnB3").is_some());
        assert!(read("Basic YUBiLmNjOnB3cA==").is_some());
        for token in [
            "YUBiLmNjOnB3cA",       // no padding
            "YUBiLmNjOnB3cA=",      // too little
            "YUBiLmNjOnB3cA===",    // too much
            "YUBiLmNjOnB3cB==",     // bits after the end
            "YUBiLmNjOnB3cA== ",    // something after the end
            "YUBiLmNj OnB3cA==",    // two tokens
            "YUBiLmNj\nOnB3cA==",   // MIME
            "YUBiLmNjOnB3cA==,x=y", // parameters
            "YUBiLmNjOnA-_w==",     // the other alphabet
            "a@b.cc:pw",
        ] {
            assert_eq!(read(format!("Basic {token}")), None, "{token:?}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_refused() {
        assert_eq!(read(basic(b"ada@example.com:caf\xE9")), None);
        assert_eq!(read(b"Basic \xFF\xFE"), None);
        assert_eq!(read(b"Basi\xC3\xA9"), None);
    }

    #[test]
    fn control_characters_are_refused_in_both_parts() {
        for control in ['\0', '\t', '\r', '\n', '\u{7F}'] {
            assert_eq!(read(basic(format!("ada@example.com{control}:engine"))), None);
            assert_eq!(read(basic(format!("ada@example.com:eng{control}ine"))), None);
        }
    }

    #[test]
    fn lengths_are_read_up_to_their_maximum() {
        let longest = format!("ada@example.com:{}", "p".repeat(4096));
        assert!(read(basic(&longest)).is_some());
        assert_eq!(read(basic(longest + "p")), None);
        assert_eq!(read(basic("a@b.cc:pw").replace(' ', &" ".repeat(9000))), None);
    }

    #[test]
    fn credentials_cannot_be_printed() {
        let printed = format!("{:?}", Credentials::from_basic(basic("ada@a.io:engine").as_bytes()));
        assert!(!printed.contains("ada") && !printed.contains("engine"), "{printed}");
    }

    proptest! {
        #[test]
        fn what_a_client_sends_is_what_is_read(password in "[!-~]{1,40}") {
            let header = basic(format!("ada@example.com:{password}"));
            prop_assert_eq!(read(header), Some(pair("ada@example.com", &password)));
        }

        #[test]
        fn any_bytes_have_an_answer(bytes: Vec<u8>) {
            let _ = Credentials::from_basic(&bytes);
            let _ = Credentials::from_basic(basic(&bytes).as_bytes());
        }
    }
}
