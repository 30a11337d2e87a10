//! Reads the fields of a body, a form or a query, and reports every mistake at once.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{FieldError, Problem};
use domain::{email::Email, locale::Locale, password::NewPassword};

/// The fields of a request, and the mistakes found in them so far.
pub struct Fields {
    members: Map<String, Value>,
    errors: Vec<FieldError>,
}

/// Reads an id of a path or a body: with hyphens, in any case (RFC 9562 §4).
pub fn id(text: &str) -> Option<Uuid> {
    const HYPHENATED: usize = 36;
    Uuid::try_parse(text).ok().filter(|_| text.len() == HYPHENATED)
}

impl Fields {
    pub(super) fn none() -> Self {
        Self { members: Map::new(), errors: Vec::new() }
    }

    pub(super) fn of(body: Value) -> Result<Self, Problem> {
        match body {
            Value::Object(members) => Ok(Self { members, errors: Vec::new() }),
            _ => Err(Problem::invalid_input(&[FieldError {
                pointer: "",
                code: "not-an-object",
                detail: "The body must be a JSON object.".to_owned(),
            }])),
        }
    }

    /// The fields of a form or a query. If a name comes twice, the last one counts, as in JSON.
    pub(super) fn of_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl Iterator<Item = (N, V)>,
    ) -> Self {
        let members = pairs.map(|(name, value)| (name.into(), Value::String(value.into())));
        Self { members: members.collect(), errors: Vec::new() }
    }

    /// A required text.
    pub fn text(&mut self, pointer: &'static str) -> Option<String> {
        let text = self.optional_text(pointer);
        if text.is_none() && self.is_absent(pointer) {
            self.refuse(pointer, "missing", "This field is missing.");
        }
        text
    }

    /// A text that may be absent or `null`.
    pub fn optional_text(&mut self, pointer: &'static str) -> Option<String> {
        match self.members.get(&pointer[1..]) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.contains(char::REPLACEMENT_CHARACTER) => {
                let detail = "Encode this field as UTF-8: some of its bytes are not.";
                self.refuse(pointer, "not-utf-8", detail);
                None
            }
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                self.refuse(pointer, "not-a-string", "This field must be a string.");
                None
            }
        }
    }

    /// The optional id of an attempt.
    pub fn registration(&mut self) -> Option<Uuid> {
        let text = self.optional_text("/registration")?;
        let id = id(&text);
        if id.is_none() {
            let detail = "Send the `registration` as the sign-up's answer gave it, a UUID.";
            self.refuse("/registration", "not-a-uuid", detail);
        }
        id
    }

    /// A required email address.
    pub fn email(&mut self, pointer: &'static str) -> Option<Email> {
        let text = self.text(pointer)?;
        Email::parse(&text)
            .map_err(|error| self.refuse(pointer, error.code(), sentence(&error)))
            .ok()
    }

    /// A new password, which must not resemble `email` if that is known.
    pub fn new_password(
        &mut self,
        text: &str,
        email: Option<&Email>,
        min_length: usize,
    ) -> Option<NewPassword> {
        NewPassword::parse(text, email, min_length)
            .map_err(|error| self.refuse("/password", error.code(), sentence(&error)))
            .ok()
    }

    /// An optional language.
    pub fn locale(&mut self) -> Option<Locale> {
        let tag = self.optional_text("/locale")?;
        let locale = Locale::from_tag(&tag);
        if locale.is_none() {
            let ours: Vec<_> =
                Locale::ALL.iter().map(|ours| format!("`{}`", ours.as_str())).collect();
            self.refuse("/locale", "unknown-locale", format!("We write in {}.", ours.join(", ")));
        }
        locale
    }

    /// A required `true` or `false`.
    pub fn boolean(&mut self, pointer: &'static str) -> Option<bool> {
        match self.members.get(&pointer[1..]) {
            Some(Value::Bool(value)) => Some(*value),
            None | Some(Value::Null) => {
                self.refuse(pointer, "missing", "This field is missing.");
                None
            }
            Some(_) => {
                self.refuse(pointer, "not-a-boolean", "This field must be `true` or `false`.");
                None
            }
        }
    }

    /// Records a mistake.
    pub fn refuse(&mut self, pointer: &'static str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer, code, detail: detail.into() });
    }

    /// Returns what was read, or a problem with all the mistakes.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Problem> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(Problem::invalid_input(&self.errors)),
        }
    }

    fn is_absent(&self, pointer: &str) -> bool {
        matches!(self.members.get(&pointer[1..]), None | Some(Value::Null))
    }
}

/// The message of an error as a sentence.
pub fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}
