//! Passwords: which ones are accepted, how they are hashed and verified.

mod hash;
mod hasher;
mod memory;
#[cfg(test)]
mod tests;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use strum::IntoStaticStr;
use unicode_normalization::UnicodeNormalization;

use crate::common_passwords::is_common;
use crate::email::Email;

pub use hash::PasswordHash;
#[cfg(feature = "testing")]
pub use hasher::cheap;
#[cfg(any(test, feature = "testing"))]
pub use hasher::hashes_computed;
pub use hasher::{HashError, Hasher};

/// A password as typed, to be verified. Sign-up rules do not apply to it.
///
/// It is normalized to NFC, because one keyboard sends é as one character and another as two (NIST
/// SP 800-63B §3.1.1.2, RFC 8265 §4.2.2).
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Room for 256 characters however typed: one NFC character is typed as at most 4 characters of
    /// 4 bytes each.
    const MAX_BYTES: usize = 4096;

    /// Reads a password as typed; `None` if it is longer than any accepted one.
    pub fn from_typed(text: &str) -> Option<Self> {
        (text.len() <= Self::MAX_BYTES).then(|| Self(text.nfc().collect::<String>().into()))
    }

    /// The password, for hashes and MACs. Never log or store it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A password that passed the sign-up rules.
#[derive(Debug, Clone)]
pub struct NewPassword(Password);

/// A password that breaks a sign-up rule. Each text says what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum WeakPassword {
    /// The minimum is a setting.
    #[error("use at least {min} characters")]
    TooShort { min: usize },
    #[error("use at most 256 characters")]
    TooLong,
    /// HTTP Basic cannot carry control characters (RFC 7617 §2).
    #[error("remove the control characters, such as tabs and line breaks")]
    ControlCharacter,
    /// On the list that attackers try first (NIST SP 800-63B §3.1.1.2), or spaces alone.
    #[error("choose another password: this is one of the 10 000 most common")]
    TooCommon,
    /// The first guess of an attacker who knows the address.
    #[error("choose a password that is not your email address or a part of it")]
    ContainsAddress,
}

impl WeakPassword {
    /// The reason for programs. It never changes.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl NewPassword {
    /// Longer passwords are not stronger. Argon2 hashes all of these without truncation.
    const MAX_CHARS: usize = 256;

    /// Applies the sign-up rules: length, no control characters, not easily guessed. There are no
    /// composition rules (NIST SP 800-63B §3.1.1.2).
    pub fn parse(
        text: &str,
        email: Option<&Email>,
        min_length: usize,
    ) -> Result<Self, WeakPassword> {
        let password = Password::from_typed(text).ok_or(WeakPassword::TooLong)?;
        let text = password.expose();
        let length = text.chars().count();

        if text.chars().any(char::is_control) {
            Err(WeakPassword::ControlCharacter)
        } else if length < min_length {
            Err(WeakPassword::TooShort { min: min_length })
        } else if length > Self::MAX_CHARS {
            Err(WeakPassword::TooLong)
        } else if is_common(text) || text.chars().all(char::is_whitespace) {
            Err(WeakPassword::TooCommon)
        } else if email.is_some_and(|email| is_essentially(email, text)) {
            Err(WeakPassword::ContainsAddress)
        } else {
            Ok(Self(password))
        }
    }

    /// The password, for MACs. Never log or store it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// As it will be typed from now on.
    pub fn into_password(self) -> Password {
        self.0
    }
}

/// Whether the password is a name from the address with at most four digits around it: the local
/// part, the domain, one of its labels, or the whole address. Ignores case and punctuation.
fn is_essentially(email: &Email, password: &str) -> bool {
    const MAX_DIGITS: usize = 4;

    let (local_part, domain) = email.parts();
    // People type their domain in Unicode, not as an A-label.
    let (domain, _) = idna::domain_to_unicode(domain);
    let address = format!("{local_part}@{domain}");
    let untagged = local_part.split('+').next();
    let labels = domain.rsplit('.').skip(1);
    let names = [address.as_str(), local_part, domain.as_str()].into_iter();

    let password = letters_and_digits(password);
    names.chain(untagged).chain(labels).map(letters_and_digits).any(|name| {
        let around = (!name.is_empty()).then(|| password.split_once(name.as_str())).flatten();
        around.is_some_and(|(before, after)| {
            before.len() + after.len() <= MAX_DIGITS
                && before.bytes().chain(after.bytes()).all(|byte| byte.is_ascii_digit())
        })
    })
}

fn letters_and_digits(text: &str) -> Zeroizing<String> {
    let lower = text.chars().flat_map(char::to_lowercase);
    Zeroizing::new(lower.filter(|c| c.is_alphanumeric()).collect())
}
