//! Tokens in mailed links.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRng as _, rngs::SysRng};
use sha2::{Digest as _, Sha256};

/// 128 random bits. They are mailed once and never stored: the database knows their digest.
pub struct Token([u8; 16]);

impl Token {
    /// A new one, from the operating system's generator.
    pub fn generate() -> Self {
        let mut bytes = [0; 16];
        SysRng.try_fill_bytes(&mut bytes).expect("the operating system has random bytes");
        Self(bytes)
    }

    /// The token as it stands in a link.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored of a token that came back; of any other text, what nothing is stored under.
    pub fn digest_of(text: &str) -> Vec<u8> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        match bytes.and_then(|bytes| bytes.try_into().ok()) {
            Some(bytes) => Self(bytes).digest(),
            None => Sha256::digest(text).to_vec(),
        }
    }

    /// What is stored. A plain hash is enough: nobody can search 128 bits.
    pub fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(******)")
    }
}
