//! The secret keys: what they sign, and how old ones still verify after a rotation.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{code::ActivationCode, email::Email, list};

/// `SECRET_KEY`: the first key signs, all of them verify.
pub struct Keys(Vec<Key>);

/// One key, split by purpose (HKDF-SHA-256, RFC 5869), so that a MAC made for one purpose is
/// useless for another.
struct Key {
    id: String,
    code: [u8; 32],
    session: [u8; 32],
    idempotency: [u8; 32],
    address: [u8; 32],
}

#[derive(Debug, thiserror::Error)]
#[error("must be `id:base64[,id:base64…]` with different ids and at least 32 random bytes each")]
pub struct InvalidKeys;

/// A MAC, and the id of the key that made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// HMAC-SHA-256.
    pub mac: Vec<u8>,
    pub key_id: String,
}

impl TryFrom<&str> for Keys {
    type Error = InvalidKeys;

    fn try_from(text: &str) -> Result<Self, InvalidKeys> {
        let keys: Vec<Key> = list::entries(text).map(Key::parse).collect::<Result<_, _>>()?;
        let distinct = keys.iter().map(|key| &key.id).collect::<std::collections::BTreeSet<_>>();
        if keys.is_empty() || distinct.len() < keys.len() {
            return Err(InvalidKeys);
        }
        Ok(Self(keys))
    }
}

impl Keys {
    /// Whether every id belongs to one of these keys.
    pub fn know(&self, ids: &[String]) -> bool {
        ids.iter().all(|id| self.0.iter().any(|key| key.id == *id))
    }

    /// The MAC under which a new code is stored. It binds the code to the address.
    pub fn sign_code(&self, email: &Email, code: &ActivationCode) -> Signed {
        self.code_macs(email, code).swap_remove(0)
    }

    /// Every MAC under which this code may be stored: one per key.
    pub fn code_macs(&self, email: &Email, code: &ActivationCode) -> Vec<Signed> {
        let signed = |key: &Key| Signed { mac: code_mac(key, email, code), key_id: key.id.clone() };
        self.0.iter().map(signed).collect()
    }

    /// The key that signs sessions, after its id.
    pub fn session_key(&self) -> (&str, &[u8]) {
        (&self.0[0].id, &self.0[0].session)
    }

    /// The session key with this id.
    pub fn session_key_of(&self, id: &str) -> Option<&[u8]> {
        self.0.iter().find(|key| key.id == id).map(|key| key.session.as_slice())
    }

    /// The MAC of a sign-up's payload under every key, the signing one first.
    pub fn payload_macs(&self, parts: &[&[u8]]) -> Vec<Vec<u8>> {
        self.0.iter().map(|key| mac(&key.idempotency, parts)).collect()
    }

    /// Identifies a limit and its subject in the database, without revealing the subject. Uses only
    /// the signing key: a rotation resets limits, and only operators can rotate.
    pub fn limit_key(&self, limit: &str, subject: &[&[u8]]) -> Vec<u8> {
        let parts: Vec<&[u8]> =
            std::iter::once(limit.as_bytes()).chain(subject.iter().copied()).collect();
        mac(&self.0[0].address, &parts)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(******)")
    }
}

impl Key {
    fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let (id, encoded) = text.split_once(':').ok_or(InvalidKeys)?;
        let secret = STANDARD.decode(encoded).map_err(|_| InvalidKeys)?;
        let plausible_id = !id.is_empty()
            && id.len() <= 64
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !plausible_id || secret.len() < 32 {
            return Err(InvalidKeys);
        }
        let derive = |label: &str| {
            let mut out = [0; 32];
            Hkdf::<Sha256>::new(None, &secret)
                .expand(label.as_bytes(), &mut out)
                .expect("32 bytes are within HKDF's limit");
            out
        };
        Ok(Self {
            id: id.to_owned(),
            code: derive("code"),
            session: derive("session"),
            idempotency: derive("idempotency"),
            address: derive("address"),
        })
    }
}

fn code_mac(key: &Key, email: &Email, code: &ActivationCode) -> Vec<u8> {
    mac(&key.code, &[email.as_str().as_bytes(), code.expose().as_bytes()])
}

/// HMAC-SHA-256 over the parts, each preceded by its length, so that two different lists of parts
/// never give the same input.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any size");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn keys(text: &str) -> Keys {
        Keys::try_from(text).unwrap()
    }

    #[test]
    fn a_code_signed_with_an_older_key_is_still_known_after_a_rotation() {
        let ada = Email::parse("ada@example.com").unwrap();
        let code = ActivationCode::parse("0427", "4".parse().unwrap()).unwrap();
        let stored = keys(OLD).sign_code(&ada, &code);

        assert!(keys(&format!("{NEW},{OLD}")).code_macs(&ada, &code).contains(&stored));
        assert!(!keys(NEW).code_macs(&ada, &code).contains(&stored));
    }

    #[test]
    fn a_code_of_one_address_is_nothing_for_another() {
        let (ada, bob) = ("ada@example.com", "bob@example.com");
        let code = ActivationCode::parse("0427", "4".parse().unwrap()).unwrap();
        let mac = |email| keys(OLD).sign_code(&Email::parse(email).unwrap(), &code).mac;
        assert_ne!(mac(ada), mac(bob));
    }

    #[test]
    fn the_parts_of_a_subject_cannot_be_shifted() {
        let keys = keys(OLD);
        assert_ne!(keys.limit_key("a", &[b"bc", b"d"]), keys.limit_key("a", &[b"b", b"cd"]));
        assert_ne!(keys.limit_key("ab", &[b"c"]), keys.limit_key("a", &[b"bc"]));
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let Keys(keys) = keys(OLD);
        let Key { code, session, idempotency, address, .. } = &keys[0];
        let all = [code, session, idempotency, address, &[0; 32]];
        assert_eq!(std::collections::BTreeSet::from(all).len(), all.len());
    }

    #[test]
    fn keys_that_are_too_short_or_named_twice_are_refused() {
        for text in
            ["", ",", "id", "id:", "id:AAAA", ":AAAA", "id:no base64", &format!("{OLD},{OLD}")]
        {
            assert!(Keys::try_from(text).is_err(), "{text}");
        }
        assert!(Keys::try_from(&*format!(" {OLD} , ")).is_ok());
    }
}
