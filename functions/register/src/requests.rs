//! What the two requests carry, parsed.

use shared::{
    domain::{email::Email, locale::Locale, password::NewPassword},
    http::{Call, Fields, Problem},
};

/// The body of `POST /register`.
pub(crate) struct SignUp {
    pub(crate) email: Email,
    pub(crate) password: NewPassword,
    pub(crate) locale: Locale,
    pub(crate) idempotency_key: Option<String>,
}

impl SignUp {
    /// Reads a sign-up, or tells everything that is wrong with it.
    pub(crate) fn parse(call: &Call<'_>, password_min_length: usize) -> Result<Self, Problem> {
        let mut fields = call.fields()?;
        let email = email(&mut fields);
        let password = password(&mut fields, email.as_ref(), password_min_length);
        let locale = locale(&mut fields, call);
        let idempotency_key = idempotency_key(&mut fields, call);
        fields.finish(email.zip(password).map(|(email, password)| Self {
            email,
            password,
            locale,
            idempotency_key,
        }))
    }
}

fn email(fields: &mut Fields) -> Option<Email> {
    let text = fields.text("/email")?;
    Email::parse(&text)
        .map_err(|error| fields.refuse("/email", error.code(), error.to_string()))
        .ok()
}

fn password(fields: &mut Fields, email: Option<&Email>, min_length: usize) -> Option<NewPassword> {
    let text = fields.text("/password")?;
    NewPassword::parse(&text, email, min_length)
        .map_err(|error| fields.refuse("/password", error.code(), error.to_string()))
        .ok()
}

/// The language that the body names, else the one that the browser prefers.
fn locale(fields: &mut Fields, call: &Call<'_>) -> Locale {
    if let Some(tag) = fields.optional_text("/locale") {
        return Locale::from_tag(&tag).unwrap_or_else(|| {
            let ours: Vec<_> =
                Locale::ALL.iter().map(|ours| format!("`{}`", ours.as_str())).collect();
            let detail = format!("We write in {}.", ours.join(", "));
            fields.refuse("/locale", "unknown-locale", detail);
            Locale::default()
        });
    }
    match call.header("accept-language") {
        Some(Ok(languages)) => Locale::from_accept_language(languages),
        _ => Locale::default(),
    }
}

fn idempotency_key(fields: &mut Fields, call: &Call<'_>) -> Option<String> {
    let is_valid =
        |key: &&str| (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let key = call.header("idempotency-key")?;
    let key = key.ok().filter(is_valid);
    if key.is_none() {
        let detail = "The header `Idempotency-Key` takes 1 to 64 visible ASCII characters.";
        fields.refuse("", "idempotency-key-invalid", detail);
    }
    key.map(str::to_owned)
}
