//! Signs users in and out.

use serde::Serialize;
use serde_json::json;
use shared::{
    authentication::{Check, Proven},
    domain::{credentials::Credentials, password::Password, session::SessionClaims},
    hashing,
    process::metrics::{self, Count},
    web::{Call, Fields, Kind, Problem, Reply},
};
use std::time::Duration;
use uuid::Uuid;

use crate::AccountApp;

/// The response to a program: a bearer token (RFC 6750).
#[derive(Serialize)]
struct BearerToken<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u32,
    activated: bool,
}

impl AccountApp {
    /// Opens a session for a caller who knows the password of an account, or of an attempt that is
    /// not activated yet. JSON gets a token, a form gets a cookie that scripts cannot read.
    pub(crate) async fn sign_in(&self, call: &Call) -> Result<Reply, Problem> {
        let form = call.form();
        let is_form = form.is_some();
        let (credentials, registration) = match form {
            Some(form) => parse(form, "/username")?,
            None => parse(call.fields()?, "/email")?,
        };
        let mut database = self.backend.database();
        let check = Check { credentials, registration, network: &call.network, code_macs: &[] };
        let limits = &self.settings.password_limits;
        let proven = limits.check(&mut database, &self.backend.keys.current(), check).await?;
        let proven = proven.ok_or_else(invalid_credentials)?;
        let better_hash = match &proven {
            Proven { password, password_hash, .. } if password_hash.is_outdated() => {
                Some(hashing::rehash(password.clone()).await?)
            }
            _ => None,
        };
        let Proven { id, generation, taken, .. } = proven;
        let signed_in = database.sign_in(id, generation, better_hash.as_ref(), &taken).await?;
        let signed_in = signed_in.ok_or_else(invalid_credentials)?;
        if signed_in.is_disabled {
            let detail = "This account is disabled. Contact the operator of this site.";
            return Err(Problem::new(Kind::Forbidden, detail));
        }
        let seconds = self.settings.session_seconds;
        let token = self.sign_token(&SessionClaims {
            id: Uuid::now_v7(),
            account: id,
            generation,
            activated: signed_in.activated,
            expires_at: signed_in.now + Duration::from_secs(seconds.into()),
        });
        metrics::count(Count::SignIns);
        Ok(session_reply(&token, seconds, signed_in.activated, is_form))
    }

    /// Ends this session and no other.
    pub(crate) async fn sign_out(&self, call: &Call) -> Result<Reply, Problem> {
        let mut database = self.backend.database();
        let signed_in = self.authenticate(call, &mut database).await?;
        database.end_session(&signed_in.claims).await?;
        Ok(Reply::no_content().without_session(signed_in.is_from_cookie))
    }
}

fn parse(
    mut fields: Fields,
    address: &'static str,
) -> Result<(Credentials, Option<Uuid>), Problem> {
    let email = fields.email(address);
    let password = fields.text("/password").and_then(|text| {
        // A form without a password leaves the field empty. JSON is told the same.
        if text.is_empty() {
            fields.refuse("/password", "missing", "This field is missing.");
            return None;
        }
        let password = Password::from_typed(&text);
        if password.is_none() {
            fields.refuse("/password", "too-long", "This is longer than any password here.");
        }
        password
    });
    let registration = fields.registration();
    let credentials = email.zip(password).map(|(email, password)| Credentials { email, password });
    fields.finish(credentials.map(|credentials| (credentials, registration)))
}

/// The same response whether or not the address is known.
fn invalid_credentials() -> Problem {
    let detail = "Email address or password is wrong. Check both, or reset your password.";
    Problem::new(Kind::InvalidCredentials, detail)
}

fn session_reply(token: &str, seconds: u32, activated: bool, is_form: bool) -> Reply {
    if is_form {
        Reply::ok(&json!({ "expires_in": seconds, "activated": activated }))
            .with_session(token, seconds)
    } else {
        Reply::ok(&BearerToken {
            access_token: token,
            token_type: "Bearer",
            expires_in: seconds,
            activated,
        })
    }
}
