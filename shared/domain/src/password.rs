//! Passwords: which ones are accepted, how they are hashed and verified.

use std::fmt;
#[cfg(any(test, feature = "testing"))]
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::{self, phc};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use strum::IntoStaticStr;
use unicode_normalization::UnicodeNormalization;

use crate::common_passwords::is_common;
use crate::email::Email;

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

    /// Takes as long as hashing.
    pub fn verify(&self, hash: &PasswordHash) -> Result<bool, HashError> {
        let hash = phc::PasswordHash::new(hash.as_phc())?;
        // Argon2 would report an incomplete hash as a wrong password, without doing any work.
        if hash.salt.is_none() || hash.hash.is_none() {
            return Err(phc::Error::MissingField.into());
        }
        count_hash();
        // Uses the parameters in the hash, not today's.
        match argon2id().verify_password(self.expose().as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Hashes with a 16-byte salt from the operating system. Takes tens of milliseconds, so functions call
    /// this on a thread that may block.
    pub fn hash(&self) -> Result<PasswordHash, HashError> {
        count_hash();
        let hash: phc::PasswordHash = argon2id().hash_password(self.expose().as_bytes())?;
        Ok(PasswordHash(hash.to_string()))
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

    pub fn hash(&self) -> Result<PasswordHash, HashError> {
        self.0.hash()
    }
}

/// An Argon2 hash with its salt and its parameters, as a PHC string.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a stored hash without reading it. Verifying reads it.
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    pub fn as_phc(&self) -> &str {
        &self.0
    }

    /// Whether it is cheaper to attack than a hash made today, so that the password should be
    /// rehashed. The cost of an attack is memory times passes.
    pub fn is_outdated(&self) -> bool {
        let ours = argon2id().params().clone();
        let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
        let Ok(hash) = phc::PasswordHash::new(&self.0) else { return false };
        let is_argon2id = hash.algorithm == Algorithm::Argon2id.ident();
        Params::try_from(&hash).is_ok_and(|theirs| !is_argon2id || work(&theirs) < work(&ours))
    }

    /// A hash to verify against when there is none, so that an unknown address costs the same work
    /// as a known one.
    pub fn dummy() -> Self {
        #[cfg(feature = "testing")]
        if cheap::IS_ON.load(Ordering::Relaxed) {
            return Self(cheap::DUMMY.to_owned());
        }
        Self(DUMMY.to_owned())
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(******)")
    }
}

/// A hash could not be computed. The caller cannot repair this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The stored hash is not a complete PHC string.
    #[error("the stored password hash cannot be read")]
    Unreadable(#[from] phc::Error),
    /// Argon2 rejected its parameters, or lacked memory or random bytes.
    #[error("the password hash cannot be computed")]
    Argon2(#[from] password_hash::Error),
    /// The hashing thread died.
    #[error("hashing the password was cut short")]
    Stopped,
}

/// How often Argon2 ran in this process. Tests use it to check that calls do equal work.
#[cfg(any(test, feature = "testing"))]
pub fn hashes_computed() -> u64 {
    HASHES.load(Ordering::Relaxed)
}

#[cfg(any(test, feature = "testing"))]
static HASHES: AtomicU64 = AtomicU64::new(0);

fn count_hash() {
    #[cfg(any(test, feature = "testing"))]
    HASHES.fetch_add(1, Ordering::Relaxed);
}

/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. Explicit, so that a new
/// default of the library changes nothing here.
const PARAMS: Params = match Params::new(19_456, 2, 1, Some(32)) {
    Ok(params) => params,
    Err(_) => panic!("these parameters are within Argon2's bounds"),
};

/// The hash of discarded random bytes, with [`PARAMS`].
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$JLp8McsdTjipVbP++sjMXQ\
    $PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk";

fn argon2id() -> Argon2<'static> {
    #[cfg(feature = "testing")]
    if cheap::IS_ON.load(Ordering::Relaxed) {
        return Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap::PARAMS);
    }
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

/// Cheap hashes, for tests that compute tens of thousands of them.
#[cfg(feature = "testing")]
pub mod cheap {
    use std::sync::atomic::{AtomicBool, Ordering};

    /// The minimum of Argon2.
    pub(super) const PARAMS: argon2::Params = match argon2::Params::new(8, 1, 1, Some(32)) {
        Ok(params) => params,
        Err(_) => panic!("these parameters are within Argon2's bounds"),
    };

    /// The dummy hash with these parameters.
    pub(super) const DUMMY: &str = "$argon2id$v=19$m=8,t=1,p=1$JLp8McsdTjipVbP++sjMXQ\
        $PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk";

    pub(super) static IS_ON: AtomicBool = AtomicBool::new(false);

    /// For the rest of this process.
    pub fn turn_on() {
        IS_ON.store(true, Ordering::Relaxed);
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

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
