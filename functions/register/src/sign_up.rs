//! Parses `POST /register`.

use shared::{
    domain::{email::Email, keys::Keys, locale::Locale, password::NewPassword},
    storage::SignUpKey,
    web::{Call, Fields, Problem},
};

pub(crate) struct SignUp {
    pub(crate) email: Email,
    pub(crate) password: NewPassword,
    /// The language in the body, else the one that the browser prefers.
    pub(crate) locale: Locale,
    pub(crate) idempotency_key: Option<String>,
    /// The language in the body.
    body_locale: Option<Locale>,
}

impl SignUp {
    /// Reads a sign-up, or reports all of its errors.
    pub(crate) fn parse(call: &Call, password_min_length: usize) -> Result<Self, Problem> {
        let mut fields = call.fields()?;
        let email = fields.email("/email");
        let password = fields
            .text("/password")
            .and_then(|text| fields.new_password(&text, email.as_ref(), password_min_length));
        let body_locale = fields.locale();
        let locale = body_locale.unwrap_or_else(|| call.preferred_locale());
        let idempotency_key = idempotency_key(&mut fields, call);
        fields.finish(email.zip(password).map(|(email, password)| Self {
            email,
            password,
            locale,
            idempotency_key,
            body_locale,
        }))
    }

    /// The idempotency key, with the address that it belongs to.
    pub(crate) fn key(&self) -> Option<SignUpKey<'_>> {
        let key = self.idempotency_key.as_deref()?;
        Some(SignUpKey { email: &self.email, key })
    }

    /// Two sign-ups with one key are the same if the members of their bodies are. Headers do not
    /// count.
    pub(crate) fn macs(&self, keys: &Keys) -> Vec<Vec<u8>> {
        keys.payload_macs(&[
            self.email.as_str().as_bytes(),
            self.password.expose().as_bytes(),
            self.body_locale.map_or("", Locale::as_str).as_bytes(),
        ])
    }
}

fn idempotency_key(fields: &mut Fields, call: &Call) -> Option<String> {
    let is_valid =
        |key: &&str| (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let key = call.header("idempotency-key")?;
    let key = Some(key).filter(is_valid);
    if key.is_none() {
        let detail = "The header `Idempotency-Key` must have 1 to 64 visible ASCII characters.";
        fields.refuse("", "idempotency-key-invalid", detail);
    }
    key.map(str::to_owned)
}
