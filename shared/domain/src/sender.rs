//! The sender of our emails: one address, with a display name if the operator wants one.

use std::fmt::{self, Display};

use email_encoding::headers::{quoted_string, writer::EmailWriter};

use crate::email::Email;

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
    let (local_part, _) = text.trim().rsplit_once('@').ok_or(InvalidSender::NotASender)?;
    Ok(format!("{local_part}@{}", email.parts().1))
}

/// A name without the quotation marks around it. Without them it may have no sign that would end it.
fn display_name(text: &str) -> Result<String, InvalidSender> {
    if text.len() > MAX_NAME_BYTES {
        return Err(InvalidSender::NameTooLong);
    }
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let name = quoted.map_or_else(|| text.to_owned(), |name| name.replace("\\\"", "\""));
    let is_plain = !name.contains(['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"']);
    if quoted.is_some() || is_plain { Ok(name) } else { Err(InvalidSender::NameNeedsQuotes) }
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
            ("no-reply@exämple.com", "no-reply@xn--exmple-cua.com"),
            ("<no-reply@example.com>", "no-reply@example.com"),
            ("Example <no-reply@example.com>", "Example <no-reply@example.com>"),
            (
                r#""Example, Inc." <a@example.com>"#,
                "=?utf-8?b?RXhhbXBsZSwgSW5jLg==?= <a@example.com>",
            ),
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
        ] {
            assert!(Sender::parse(typed).is_err(), "{typed}");
        }
    }
}
