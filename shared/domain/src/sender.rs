//! The sender of our emails: one address, with a display name if the operator wants one.

use std::fmt::{self, Display};

use email_encoding::headers::{quoted_string, writer::EmailWriter};

use crate::email::{Email, typed_parts};

/// A sender as the header `From` spells it (RFC 5322 §3.4), in ASCII.
#[derive(Debug, Clone)]
pub struct Sender(String);

/// The text is not one sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSender {
    #[error("must be one address, such as no-reply@example.com or Example <no-reply@example.com>")]
    NotASender,
    #[error("must have a display name of at most 100 bytes")]
    NameTooLong,
    #[error("must have a display name as people read it: we encode it")]
    NameIsEncoded,
    #[error("must quote a display name that contains commas, colons or other special characters")]
    NameNeedsQuotes,
}

/// The most that a display name may have, in bytes: more than a mailbox shows.
const MAX_NAME_BYTES: usize = 100;

impl Sender {
    /// Reads `address` or `name <address>`. Letters with accents in the name are encoded.
    pub fn parse(text: &str) -> Result<Self, InvalidSender> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(InvalidSender::NotASender);
        }
        let Some(rest) = text.strip_suffix('>') else { return Ok(Self(address(text)?)) };
        let (name, in_brackets) = rest.rsplit_once('<').ok_or(InvalidSender::NotASender)?;
        let (name, address) = (display_name(name.trim())?, address(in_brackets)?);
        Ok(Self(if name.is_empty() { address } else { format!("{} <{address}>", encoded(&name)) }))
    }
}

impl Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address with the case of its local part, as SES knows the identity.
fn address(text: &str) -> Result<String, InvalidSender> {
    let email = Email::parse(text).map_err(|_| InvalidSender::NotASender)?;
    let (local_part, _) = typed_parts(text).ok_or(InvalidSender::NotASender)?;
    Ok(format!("{local_part}@{}", email.parts().1))
}

/// A name without the quotation marks around it. Without them it may have no sign that would end it.
fn display_name(text: &str) -> Result<String, InvalidSender> {
    if text.len() > MAX_NAME_BYTES {
        return Err(InvalidSender::NameTooLong);
    }
    if text.contains("=?") {
        return Err(InvalidSender::NameIsEncoded);
    }
    if text.starts_with('"') {
        return unquoted(text).ok_or(InvalidSender::NotASender);
    }
    let is_plain = !text.contains(['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"']);
    is_plain.then(|| text.to_owned()).ok_or(InvalidSender::NameNeedsQuotes)
}

/// The content of a quoted string (RFC 5322 §3.2.4) that ends with the text.
fn unquoted(text: &str) -> Option<String> {
    let mut signs = text.strip_prefix('"')?.chars();
    let mut name = String::new();
    loop {
        match signs.next()? {
            '"' => return signs.as_str().is_empty().then_some(name),
            '\\' => name.push(signs.next()?),
            sign => name.push(sign),
        }
    }
}

fn encoded(name: &str) -> String {
    let mut text = String::new();
    quoted_string::encode(name, &mut EmailWriter::new(&mut text, 0, 0, false))
        .expect("a String takes any text");
    // SES folds lines by itself.
    text.replace("\r\n", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_a_name_or_without() {
        for (typed, header) in [
            ("no-reply@example.com", "no-reply@example.com"),
            (" No-Reply@Example.com ", "No-Reply@example.com"),
            ("\u{200B}No-Reply@Example.com\u{FEFF}", "No-Reply@example.com"),
            ("no-reply@exämple.com", "no-reply@xn--exmple-cua.com"),
            ("<no-reply@example.com>", "no-reply@example.com"),
            ("Example <no-reply@example.com>", "Example <no-reply@example.com>"),
            (
                r#""Example, Inc." <a@example.com>"#,
                "=?utf-8?b?RXhhbXBsZSwgSW5jLg==?= <a@example.com>",
            ),
            (r#""Exa\mple" <a@example.com>"#, "Example <a@example.com>"),
            ("Équipe <a@example.com>", "=?utf-8?b?w4lxdWlwZQ==?= <a@example.com>"),
        ] {
            assert_eq!(Sender::parse(typed).unwrap().to_string(), header, "{typed}");
        }
    }

    #[test]
    fn a_long_name_stays_on_one_line() {
        let typed = format!("{} <a@example.com>", "Équipe ".repeat(12));
        let header = Sender::parse(&typed).unwrap().to_string();
        assert!(header.is_ascii() && !header.contains(['\r', '\n']), "{header}");
    }

    #[test]
    fn anything_else_is_refused() {
        for typed in [
            "",
            "not an address",
            "a@example.com, b@example.com",
            "a@example.com, B <b@example.com>",
            "A, B <a@example.com>",
            "A <b@example.com> <a@example.com>",
            "A <a@example.com",
            "A a@example.com",
            "A\r\nBcc: b@example.com <a@example.com>",
            "a@example.com\r\nBcc: b@example.com",
            "équipe@example.com",
            "A <>",
            r#""A" <a@example.com>, "B" <b@example.com>"#,
            r#""A" "B" <a@example.com>"#,
            r#""A\" <a@example.com>"#,
            "=?utf-8?q?=C3=89quipe?= <a@example.com>",
        ] {
            assert!(Sender::parse(typed).is_err(), "{typed}");
        }
    }
}
