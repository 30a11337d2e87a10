//! Computes Argon2 hashes, one after the other in the same memory.

#[cfg(any(test, feature = "testing"))]
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::{self, Output, Salt};
use argon2::{Algorithm, Argon2, Params, Version, password_hash};

use super::{Password, PasswordHash, memory::Memory};

/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. Explicit, so that a new
/// default of the library changes nothing here.
pub(super) const PARAMS: Params = match Params::new(19_456, 2, 1, Some(32)) {
    Ok(params) => params,
    Err(_) => panic!("these parameters are within Argon2's bounds"),
};

/// The hash of discarded random bytes, with [`PARAMS`].
pub(super) const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$JLp8McsdTjipVbP++sjMXQ\
    $PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk";

/// Hashes and verifies passwords. It wipes its memory after each.
pub struct Hasher {
    memory: Memory,
    blocks: usize,
}

/// A hash could not be computed. The caller cannot repair this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The stored hash is not a complete PHC string.
    #[error("the stored password hash cannot be read")]
    Unreadable(#[from] phc::Error),
    /// Argon2 rejected its parameters.
    #[error("the password hash cannot be computed")]
    Argon2(#[from] password_hash::Error),
    /// The hashing thread died.
    #[error("hashing the password was cut short")]
    Stopped,
}

impl Hasher {
    /// Takes the memory of one hash from the operating system, so that the first hash takes no
    /// longer than later ones.
    pub fn allocate() -> Self {
        let blocks = argon2id().params().block_count();
        Self { memory: Memory::of(blocks), blocks }
    }

    /// Hashes a password with 16 bytes of salt from the operating system. Takes tens of milliseconds.
    pub fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        let (argon2, salt) = (argon2id(), Salt::generate());
        let output = self.compute(&argon2, password, &salt)?;
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: argon2.params().try_into()?,
            salt: Some(salt),
            hash: Some(output),
        };
        Ok(PasswordHash::from_phc(hash.to_string()))
    }

    /// Verifies a password, with the parameters in the hash and not today's. Without a hash it does
    /// the same work and returns false, so that the time does not reveal whether there is one.
    pub fn verify(
        &mut self,
        password: &Password,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, HashError> {
        let stored = phc::PasswordHash::new(hash.map_or(dummy(), PasswordHash::as_phc))?;
        let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
            return Err(phc::Error::MissingField.into());
        };
        let version = stored.version.map(Version::try_from).transpose();
        let argon2 = Argon2::new(
            Algorithm::try_from(stored.algorithm.as_str())?,
            version.map_err(password_hash::Error::from)?.unwrap_or_default(),
            Params::try_from(&stored)?,
        );
        // `Output` compares in constant time.
        let is_right = self.compute(&argon2, password, &salt)? == expected;
        Ok(is_right && hash.is_some())
    }

    fn compute(
        &mut self,
        argon2: &Argon2<'_>,
        password: &Password,
        salt: &[u8],
    ) -> Result<Output, HashError> {
        count_hash();
        let blocks = argon2.params().block_count();
        // An imported hash may need more than ours.
        let mut larger = (blocks > self.blocks).then(|| Memory::of(blocks));
        let memory = larger.as_mut().unwrap_or(&mut self.memory);

        let mut output = [0; Output::MAX_LENGTH];
        let length = argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let output = output.get_mut(..length).ok_or(password_hash::Error::OutputSize)?;
        let password = password.expose().as_bytes();
        let filled = memory.blocks(blocks);
        let outcome = argon2.hash_password_into_with_memory(password, salt, output, filled);
        memory.wipe(blocks);
        outcome.map_err(password_hash::Error::from)?;
        Ok(Output::new(output)?)
    }
}

pub(super) fn argon2id() -> Argon2<'static> {
    #[cfg(feature = "testing")]
    if cheap::IS_ON.load(Ordering::Relaxed) {
        return Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap::PARAMS);
    }
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

fn dummy() -> &'static str {
    #[cfg(feature = "testing")]
    if cheap::IS_ON.load(Ordering::Relaxed) {
        return cheap::DUMMY;
    }
    DUMMY
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
