//! Email addresses, normalized to the one spelling that we store, send to and limit by.

use std::fmt;

use strum::IntoStaticStr;

use crate::{code::is_blank, idn};

/// An email address: trimmed, in lower case, its domain as A-labels.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why we cannot send email to an address. Each message says what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum InvalidEmail {
    /// Nothing before or after the `@`, or no `@` at all.
    #[error("enter an e-mail address, such as ada@example.com")]
    NotAnAddress,
    /// The whole address is over its maximum.
    #[error("use an address of at most 254 characters")]
    TooLong,
    /// The part before the `@` is over its maximum.
    #[error("use an address with at most 64 characters before the @")]
    LocalPartTooLong,
    /// SES carries no address with other letters before the `@` (RFC 6531).
    #[error("use only letters without accents, digits and signs such as . _ - + before the @")]
    LocalPartNotAscii,
    /// `"ada lovelace"@example.com`
    #[error("use an address without quotation marks before the @")]
    QuotedLocalPart,
    /// `ada..lovelace@example.com`
    #[error("remove the dot at the start, at the end or next to another dot before the @")]
    LocalPartDots,
    /// A space, a comma, a bracket …
    #[error(
        "remove the spaces, commas, brackets and other signs that are not allowed before the @"
    )]
    LocalPartInvalid,
    /// `ada@[192.0.2.1]`
    #[error("use a domain such as example.com after the @, not a numeric address")]
    AddressLiteral,
    /// `ada@localhost`
    #[error("complete the domain after the @, such as example.com")]
    DomainIncomplete,
    /// Not a valid DNS name.
    #[error("correct the domain after the @, such as example.com")]
    DomainInvalid,
}

impl InvalidEmail {
    /// The reason as programs read it. The API promises it: renaming a variant breaks clients.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl Email {
    /// RFC 5321 §4.5.3.1.3: a path is 256 octets, two of which are its angle brackets.
    const MAX_BYTES: usize = 254;
    /// RFC 5321 §4.5.3.1.1.
    const MAX_LOCAL_PART_BYTES: usize = 64;
    /// Checked before any work. It leaves room for domains that become shorter as A-labels.
    const MAX_TYPED_BYTES: usize = 1024;

    /// Reads an address as a person typed it.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        if text.len() > Self::MAX_TYPED_BYTES {
            return Err(InvalidEmail::TooLong);
        }
        let (local_part, domain) = typed_parts(text).ok_or(InvalidEmail::NotAnAddress)?;
        if local_part.is_empty() || domain.is_empty() {
            return Err(InvalidEmail::NotAnAddress);
        }
        check_local_part(local_part)?;
        let domain = mail_domain(domain)?;

        // In lower case after the check: the Kelvin sign would become an ASCII k.
        let address = format!("{}@{domain}", local_part.to_ascii_lowercase());
        if address.len() > Self::MAX_BYTES {
            return Err(InvalidEmail::TooLong);
        }
        Ok(Self(address))
    }

    /// Takes a stored address, which was parsed before it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The address, for storage, email and answers. Never log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as people write it, for people. Never log it.
    pub fn shown(&self) -> String {
        let (local_part, domain) = self.parts();
        format!("{local_part}@{}", idn::shown(domain))
    }

    /// The mailbox, without `+tag`. For limits only: two spellings can belong to two people.
    pub fn mailbox(&self) -> String {
        let (local_part, domain) = self.parts();
        match local_part.split_once('+') {
            Some((name, _tag)) if !name.is_empty() => format!("{name}@{domain}"),
            _ => self.0.clone(),
        }
    }

    /// The parts before and after the `@`.
    pub(super) fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').expect("parse puts an @ into every address")
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(******)")
    }
}

/// The parts before and after the `@`, as typed: without spaces and invisible characters around them.
pub(crate) fn typed_parts(text: &str) -> Option<(&str, &str)> {
    // The last `@`, because a quoted local part may hold others.
    text.trim_matches(is_blank).rsplit_once('@')
}

/// Only a dot-atom (RFC 5322 §3.2.3) passes unchanged through every mail system and through
/// Basic, whose user-id holds neither a colon nor a control character (RFC 7617 §2).
fn check_local_part(text: &str) -> Result<(), InvalidEmail> {
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);

    if text.starts_with('"') {
        Err(InvalidEmail::QuotedLocalPart)
    } else if !text.is_ascii() {
        Err(InvalidEmail::LocalPartNotAscii)
    } else if text.len() > Email::MAX_LOCAL_PART_BYTES {
        Err(InvalidEmail::LocalPartTooLong)
    } else if !text.chars().all(|c| c == '.' || is_atom(c)) {
        Err(InvalidEmail::LocalPartInvalid)
    } else if text.split_once("=?").is_some_and(|(_, rest)| rest.contains("?=")) {
        // An encoded word: another parser would read another address out of it (RFC 2047 §5).
        Err(InvalidEmail::LocalPartInvalid)
    } else if text.split('.').any(str::is_empty) {
        Err(InvalidEmail::LocalPartDots)
    } else {
        Ok(())
    }
}

/// The domain as in DNS, with two labels at least.
fn mail_domain(text: &str) -> Result<String, InvalidEmail> {
    if text.starts_with('[') {
        return Err(InvalidEmail::AddressLiteral);
    }
    let domain = idn::a_labels(text).ok_or(InvalidEmail::DomainInvalid)?;
    let (_, last) = domain.rsplit_once('.').ok_or(InvalidEmail::DomainIncomplete)?;
    // Top-level domains begin with a letter (RFC 3696 §2). Others read 0x7f as a part of an IPv4 address.
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(InvalidEmail::AddressLiteral);
    }
    Ok(domain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Email, InvalidEmail};

    /// Often an address, and often one that is not normalized.
    const PLAUSIBLE: &str = "[a-zA-Z.+]{1,9}@([a-zA-ZßéñЖ日ｅ7-]{1,9}\\.){1,3}[a-zé]{2,5}";

    fn spelling(text: &str) -> String {
        Email::parse(text).unwrap().as_str().to_owned()
    }

    #[track_caller]
    fn refused(text: &str, reason: InvalidEmail) {
        assert_eq!(Email::parse(text), Err(reason), "{text:?}");
    }

    #[test]
    fn an_address_is_trimmed_and_compared_without_case() {
        assert_eq!(spelling("\u{3000} Ada@Example.COM\r\n"), "ada@example.com");
        // Copied from a web page or a message.
        assert_eq!(spelling("\u{FEFF}\u{200B}ada@example.com\u{200E} \u{AD}"), "ada@example.com");
        assert_eq!(spelling("ada@EXAMPLE.com"), spelling("ADA@example.COM"));
    }

    #[test]
    fn every_sign_of_a_dot_atom_is_accepted() {
        assert_eq!(spelling("a.b!#$%&'*+-/=?^_`{|}~@a.io"), "a.b!#$%&'*+-/=?^_`{|}~@a.io");
    }

    #[test]
    fn a_domain_becomes_its_a_label() {
        assert_eq!(spelling("ada@BÜCHER.example"), "ada@xn--bcher-kva.example");
        assert_eq!(spelling("ada@xn--bcher-kva.example"), "ada@xn--bcher-kva.example");
        // Non-transitional: ß stays a letter of its own and is not "ss".
        assert_eq!(spelling("ada@faß.de"), "ada@xn--fa-hia.de");
        // The ideographic full stop and the full-width letters are mapped.
        assert_eq!(spelling("ada@ｅｘａｍｐｌｅ。com"), "ada@example.com");
    }

    #[test]
    fn a_local_part_is_refused_for_its_own_reason() {
        refused("", InvalidEmail::NotAnAddress);
        refused("  ", InvalidEmail::NotAnAddress);
        refused("ada.example.com", InvalidEmail::NotAnAddress);
        refused("@example.com", InvalidEmail::NotAnAddress);
        refused("ada@", InvalidEmail::NotAnAddress);
        refused("\"ada@home\"@example.com", InvalidEmail::QuotedLocalPart);
        refused("adé@example.com", InvalidEmail::LocalPartNotAscii);
        refused("\u{212A}elvin@example.com", InvalidEmail::LocalPartNotAscii);
        for word in ["=?utf-8?q?=40evil?=", "a=?utf-8?q?x?=", "=?utf-8?b?YQ==?=.b", "=?=?="] {
            refused(&format!("{word}@example.com"), InvalidEmail::LocalPartInvalid);
        }
        assert_eq!(spelling("=?a?b=@example.com"), "=?a?b=@example.com");
        for dots in [".ada", "ada.", "ada..lovelace", "."] {
            refused(&format!("{dots}@example.com"), InvalidEmail::LocalPartDots);
        }
        for text in ["ada lovelace", "Ada <ada", "ada:x", "ada,bob", "a@b", "a\\b", "a\0", "(x)a"] {
            refused(&format!("{text}@example.com"), InvalidEmail::LocalPartInvalid);
        }
    }

    #[test]
    fn a_domain_is_refused_for_its_own_reason() {
        refused("ada@[192.0.2.1]", InvalidEmail::AddressLiteral);
        refused("ada@[IPv6:2001:db8::1]", InvalidEmail::AddressLiteral);
        refused("ada@192.0.2.1", InvalidEmail::AddressLiteral);
        refused("ada@192.0.2.0x1", InvalidEmail::AddressLiteral);
        refused("ada@localhost", InvalidEmail::DomainIncomplete);
        for domain in ["a..com", ".com", "example.com.", "a_b.com", "-a.com", "a-.com", "ab--c.com"]
        {
            refused(&format!("ada@{domain}"), InvalidEmail::DomainInvalid);
        }
        for domain in ["a b.com", "xn--a.com", "a>.com", "a:25.com", "\u{200D}a.com", "a%.com"] {
            refused(&format!("ada@{domain}"), InvalidEmail::DomainInvalid);
        }
    }

    #[test]
    fn lengths_are_accepted_up_to_their_maximum_and_not_one_more() {
        let local = "l".repeat(64);
        let label = "d".repeat(63);
        // 64 + 1 + 189 = 254.
        let longest = format!("{local}@{label}.{label}.{}", "c".repeat(61));
        assert_eq!(spelling(&longest).len(), 254);

        refused(&format!("{longest}c"), InvalidEmail::TooLong);
        refused(&format!("l{local}@example.com"), InvalidEmail::LocalPartTooLong);
        refused(&format!("ada@{label}d.com"), InvalidEmail::DomainInvalid);
        refused(&" ".repeat(1025), InvalidEmail::TooLong);
    }

    #[test]
    fn a_mailbox_has_no_tag() {
        let mailbox = |text| Email::parse(text).unwrap().mailbox();

        assert_eq!(mailbox("Ada+news+x@example.com"), "ada@example.com");
        assert_eq!(mailbox("ada@example.com"), "ada@example.com");
        // All tag: there is no shorter mailbox to count.
        assert_eq!(mailbox("+news@example.com"), "+news@example.com");
    }

    #[test]
    fn an_address_cannot_be_printed() {
        let printed = format!("{:?}", Email::parse("ada@example.com"));
        assert_eq!(printed, "Ok(Email(******))");
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(text in PLAUSIBLE) {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            }
        }

        #[test]
        fn what_is_accepted_is_short_lower_case_ascii(text in "\\PC{0,9}@?\\PC{0,9}\\.?\\PC{0,4}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(email.as_str().is_ascii() && email.as_str().len() <= 254);
                prop_assert_eq!(email.as_str().to_lowercase(), email.as_str());
            }
        }
    }
}
