//! Tokens in the links of emails.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRng as _, rngs::SysRng};
use sha2::{Digest as _, Sha256};

/// 128 random bits, mailed once and never stored: the database knows only their digest.
pub struct Token([u8; 16]);

impl Token {
    /// Draws a token from the operating system's generator.
    pub fn generate() -> Self {
        let mut bytes = [0; 16];
        SysRng.try_fill_bytes(&mut bytes).expect("the operating system has random bytes");
        Self(bytes)
    }

    /// The text for the link. Never log or store it.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The digest of a returned token. Text that is not a token gets a digest that matches nothing.
    pub fn digest_of(text: &str) -> Vec<u8> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        match bytes.and_then(|bytes| bytes.try_into().ok()) {
            Some(bytes) => Self(bytes).digest(),
            None => Sha256::digest(text).to_vec(),
        }
    }

    /// What is stored. A plain hash is enough, because 128 bits cannot be searched.
    pub fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(******)")
    }
}
