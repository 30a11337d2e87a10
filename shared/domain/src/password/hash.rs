//! Password hashes as they are stored.

use std::fmt;

use argon2::{Algorithm, Params, password_hash::phc};

use super::hasher::argon2id;

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
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(******)")
    }
}
