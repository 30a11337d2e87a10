//! Password hashes that another system computed, imported with its accounts.

use argon2::{Algorithm, Params, Version, password_hash::phc};
use strum::IntoStaticStr;

use crate::password::PasswordHash;

/// The most that verifying a hash may cost: 64 MiB, four passes, four lanes.
const MOST: (u32, u32, u32) = (65_536, 4, 4);

/// A hash that cannot be imported. Each text says what to give instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum InvalidHash {
    /// Another algorithm, incomplete, or unreadable.
    #[error(
        "give an Argon2 hash as a complete PHC string, such as \
         $argon2id$v=19$m=19456,t=2,p=1$salt$hash, or none"
    )]
    NotAHash,
    /// Verifying it would need too much memory or time, or is impossible.
    #[error(
        "give a hash with m of at most 65536, t and p of at most 4, and m of at least 8p, or none"
    )]
    #[strum(serialize = "hash-out-of-bounds")]
    OutOfBounds,
}

impl InvalidHash {
    /// The reason for programs. It never changes.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl PasswordHash {
    /// Reads a hash that another system computed. Verifying a password against it never fails and
    /// never exceeds the bounds.
    pub fn import(text: &str) -> Result<Self, InvalidHash> {
        let hash = phc::PasswordHash::new(text).map_err(|_| InvalidHash::NotAHash)?;
        if !is_complete(&hash) {
            return Err(InvalidHash::NotAHash);
        }
        // The same conversion that verifying uses.
        let params = Params::try_from(&hash).map_err(|_| InvalidHash::OutOfBounds)?;
        let (memory, passes, lanes) = MOST;
        let is_within =
            params.m_cost() <= memory && params.t_cost() <= passes && params.p_cost() <= lanes;
        is_within.then(|| Self::from_phc(text.to_owned())).ok_or(InvalidHash::OutOfBounds)
    }
}

/// Requires every parameter. For a missing one the library assumes a default, which may differ from
/// what the other system used. `keyid` and `data` are not supported.
fn is_complete(hash: &phc::PasswordHash) -> bool {
    let mut names: Vec<_> = hash.params.iter().map(|(name, _)| name.to_string()).collect();
    names.sort_unstable();
    Algorithm::try_from(hash.algorithm.as_str()).is_ok()
        && hash.version.is_some_and(|version| Version::try_from(version).is_ok())
        && names == ["m", "p", "t"]
        && hash.salt.is_some()
        && hash.hash.is_some()
}

#[cfg(test)]
mod tests {
    use argon2::{Algorithm, Argon2, CustomizedPasswordHasher, Params, Version};
    use proptest::prelude::*;

    use super::InvalidHash::{self, NotAHash, OutOfBounds};
    use crate::password::{Hasher, Password, PasswordHash};

    const SALT: &str = "JLp8McsdTjipVbP++sjMXQ";
    const HASH: &str = "PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk";

    fn phc(head: &str) -> String {
        format!("{head}${SALT}${HASH}")
    }

    fn typed(text: &str) -> Password {
        Password::from_typed(text).unwrap()
    }

    #[track_caller]
    fn is(text: &str, expected: Result<(), InvalidHash>) {
        assert_eq!(PasswordHash::import(text).map(drop), expected, "{text}");
    }

    fn computed(algorithm: Algorithm, version: Version, params: Params) -> String {
        let hasher = Argon2::default();
        let (name, version) = (algorithm.as_str(), Some(version.into()));
        let password = "correct horse".as_bytes();
        let salt = [7; 16];
        let hash = hasher.hash_password_customized(password, &salt, Some(name), version, params);
        hash.unwrap().to_string()
    }

    fn verifies(text: &str) {
        let hash = PasswordHash::import(text).unwrap();
        let mut hasher = Hasher::allocate();
        let mut is_right = |password| hasher.verify(&typed(password), Some(&hash)).unwrap();
        assert!(is_right("correct horse"), "{text}");
        assert!(!is_right("wrong horse"), "{text}");
    }

    #[test]
    fn every_kind_of_argon2_is_taken_and_verified() {
        for algorithm in [Algorithm::Argon2d, Algorithm::Argon2i, Algorithm::Argon2id] {
            for version in [Version::V0x10, Version::V0x13] {
                let params = Params::new(64, 2, 2, Some(24)).unwrap();
                verifies(&computed(algorithm, version, params));
            }
        }
    }

    #[test]
    fn the_dearest_hash_is_taken_and_verified() {
        let params = Params::new(65_536, 4, 4, Some(64)).unwrap();
        verifies(&computed(Algorithm::Argon2id, Version::V0x13, params));
    }

    #[test]
    fn each_bound_is_met_and_not_passed() {
        is(&phc("$argon2id$v=19$m=65536,t=4,p=4"), Ok(()));
        is(&phc("$argon2id$v=19$m=8,t=1,p=1"), Ok(()));
        for beyond in [
            "m=65537,t=4,p=4",
            "m=65536,t=5,p=4",
            "m=65536,t=4,p=5",
            "m=4294967296,t=1,p=1",
            "m=7,t=1,p=1",
            "m=8,t=0,p=1",
            "m=8,t=1,p=0",
            "m=31,t=1,p=4",
        ] {
            is(&phc(&format!("$argon2id$v=19${beyond}")), Err(OutOfBounds));
        }
    }

    #[test]
    fn what_would_be_verified_under_assumptions_is_refused() {
        for head in [
            "$argon2id$m=8,t=1,p=1",
            "$argon2id$v=19",
            "$argon2id$v=19$t=1,p=1",
            "$argon2id$v=19$m=8,p=1",
            "$argon2id$v=19$m=8,t=1",
            "$argon2id$v=19$m=8,t=1,p=1,m=8",
            "$argon2id$v=19$m=8,t=1,p=1,keyid=Zm9v",
            "$argon2id$v=19$m=8,t=1,p=1,data=Zm9v",
            "$argon2id$v=18$m=8,t=1,p=1",
        ] {
            is(&phc(head), Err(NotAHash));
        }
        is(&format!("$argon2id$v=19$m=8,t=1,p=1${SALT}"), Err(NotAHash));
        is("$argon2id$v=19$m=8,t=1,p=1", Err(NotAHash));
    }

    #[test]
    fn text_that_is_not_an_argon2_hash_is_refused() {
        let long = phc(&format!("$argon2id$v=19$m=8,t=1,p={}", "1".repeat(10_000)));
        for text in [
            "",
            "$",
            "correct horse",
            "$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m",
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4",
            " $argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo\n",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ=$aGFzaGhhc2hoYXNo",
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaGhhc2hoYXNo",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo$x",
            &long,
        ] {
            is(text, Err(NotAHash));
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_verified_without_an_error(
            m in 0_u32..100, t in 0_u32..6, p in 0_u32..6, salt in "[A-Za-z0-9+/]{8,70}",
            hash in "[A-Za-z0-9+/]{10,90}", algorithm in "argon2(d|i|id|x)", version in "1[5-9]",
        ) {
            let text = format!("${algorithm}$v={version}$m={m},t={t},p={p}${salt}${hash}");
            if let Ok(hash) = PasswordHash::import(&text) {
                let verified = Hasher::allocate().verify(&typed("correct horse"), Some(&hash));
                prop_assert!(matches!(verified, Ok(false)), "{text}");
            }
        }
    }
}
