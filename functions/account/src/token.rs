//! Session tokens: JWTs (RFC 7519), as RFC 8725 advises: one algorithm, one key per purpose, and
//! every claim checked.

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

/// Who reads such a token: this function.
const AUDIENCE: &str = "account";

/// Our tokens are shorter. What is longer is not worth reading.
const MAX_BYTES: usize = 2048;

/// The claims as they travel.
#[derive(Serialize, Deserialize)]
struct Travelling {
    iss: String,
    aud: String,
    sub: Uuid,
    jti: Uuid,
    exp: i64,
    purpose: Purpose,
    generation: i32,
    activated: bool,
}

/// What a token is good for. There is one kind, and another one would not be taken for it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Purpose {
    Database,
}

impl AccountApp {
    /// A token that lets its bearer be whom it names, until then.
    pub(crate) fn sign_token(&self, claims: &SessionClaims) -> String {
        sign(&self.backend.keys.current(), &self.settings.links.public_url, claims)
    }

    /// What a token says, if it is one of ours. Whether the session has ended, by its time or
    /// otherwise, the database tells.
    pub(crate) async fn read_token(&self, token: &SecretString) -> Option<SessionClaims> {
        let token = token.expose_secret();
        if token.len() > MAX_BYTES {
            return None;
        }
        let key_id = decode_header(token).ok()?.kid?;
        let keys = self.backend.keys.with_ids(std::slice::from_ref(&key_id)).await;
        read(token, keys.session_key_of(&key_id)?, &self.settings.links.public_url)
    }
}

fn sign(keys: &Keys, issuer: &str, claims: &SessionClaims) -> String {
    let (key_id, key) = keys.session_key();
    let header = Header { kid: Some(key_id.to_owned()), ..Header::new(ALGORITHM) };
    let travelling = Travelling {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: claims.account,
        jti: claims.id,
        exp: claims.expires_at.timestamp(),
        purpose: Purpose::Database,
        generation: claims.generation,
        activated: claims.activated,
    };
    encode(&header, &travelling, &EncodingKey::from_secret(key)).expect("our claims are JSON")
}

fn read(token: &str, key: &[u8], issuer: &str) -> Option<SessionClaims> {
    let mut validation = Validation::new(ALGORITHM);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[AUDIENCE]);
    // There is one clock, the database's: it compares `exp` when it reads the account.
    validation.validate_exp = false;
    let travelling: Travelling =
        decode(token, &DecodingKey::from_secret(key), &validation).ok()?.claims;
    Some(SessionClaims {
        id: travelling.jti,
        account: travelling.sub,
        generation: travelling.generation,
        activated: travelling.activated,
        expires_at: DateTime::<Utc>::from_timestamp(travelling.exp, 0)?,
    })
}
