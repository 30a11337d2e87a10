//! Session tokens: JWTs (RFC 7519) that follow RFC 8725: one algorithm, one key per purpose, and
//! every claim verified.

use chrono::{DateTime, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use shared::domain::{keys::Keys, session::SessionClaims};
use uuid::Uuid;

use crate::AccountApp;

const ALGORITHM: Algorithm = Algorithm::HS256;

/// Only this function accepts these tokens.
const AUDIENCE: &str = "account";

/// Our tokens are shorter.
const MAX_BYTES: usize = 2048;

/// The claims of the JWT.
#[derive(Serialize, Deserialize)]
struct JwtClaims {
    iss: String,
    aud: String,
    sub: Uuid,
    jti: Uuid,
    exp: i64,
    purpose: Purpose,
    generation: i32,
    activated: bool,
}

/// The purpose of a token, so that a future kind of token is not accepted as a session.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Purpose {
    Session,
}

impl AccountApp {
    /// The token of a session.
    pub(crate) fn sign_token(&self, claims: &SessionClaims) -> String {
        sign(&self.backend.keys.current(), self.settings.letterhead.public_url.as_str(), claims)
    }

    /// The claims of a valid token. The database decides whether the session has ended, also by its
    /// time.
    pub(crate) async fn read_token(&self, token: &SecretString) -> Option<SessionClaims> {
        let token = token.expose_secret();
        if token.len() > MAX_BYTES {
            return None;
        }
        let key_id = decode_header(token).ok()?.kid?;
        let keys = self.backend.keys.with_ids(std::slice::from_ref(&key_id)).await;
        read(token, keys.session_key_of(&key_id)?, self.settings.letterhead.public_url.as_str())
    }
}

fn sign(keys: &Keys, issuer: &str, claims: &SessionClaims) -> String {
    let (key_id, key) = keys.session_key();
    let header = Header { kid: Some(key_id.to_owned()), ..Header::new(ALGORITHM) };
    let jwt = JwtClaims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: claims.account,
        jti: claims.id,
        exp: claims.expires_at.timestamp(),
        purpose: Purpose::Session,
        generation: claims.generation,
        activated: claims.activated,
    };
    encode(&header, &jwt, &EncodingKey::from_secret(key)).expect("our claims are JSON")
}

fn read(token: &str, key: &[u8], issuer: &str) -> Option<SessionClaims> {
    let mut validation = Validation::new(ALGORITHM);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[AUDIENCE]);
    // There is one clock, the database's: it compares `exp` when it reads the account.
    validation.validate_exp = false;
    let jwt: JwtClaims = decode(token, &DecodingKey::from_secret(key), &validation).ok()?.claims;
    Some(SessionClaims {
        id: jwt.jti,
        account: jwt.sub,
        generation: jwt.generation,
        activated: jwt.activated,
        expires_at: DateTime::<Utc>::from_timestamp(jwt.exp, 0)?,
    })
}
