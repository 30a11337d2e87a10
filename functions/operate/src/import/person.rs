//! Parses one row of an import.

use serde_json::{Map, Value};
use shared::{
    domain::{email::Email, imported_hash::InvalidHash, locale::Locale, password::PasswordHash},
    storage::KnownPerson,
};

use super::object::Line;

const MEMBERS: [&str; 3] = ["email", "password_hash", "locale"];

/// Why a row is refused: a code for programs, which never changes, and what to do about it. Neither
/// quotes the row.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) &'static str, pub(super) String);

pub(super) type Person = Result<KnownPerson, Refusal>;

/// The address has an account, or occurred earlier in the same import.
pub(super) fn already_active() -> Refusal {
    Refusal("already-active", "leave it out: the address has an active account".to_owned())
}

/// Parses a line; `None` if it is blank.
pub(super) fn from_line(line: Line) -> Option<Person> {
    let Some(line) = line else {
        return Some(refuse("line-too-long", "write each person on a line of at most 8192 bytes"));
    };
    if line.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    // Some programs begin a file with a byte order mark.
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line);
    Some(match serde_json::from_slice(line) {
        Ok(row) => from_row(row),
        Err(_) => refuse("malformed-json", "write each person as JSON, on one line, in UTF-8"),
    })
}

pub(super) fn from_row(row: Value) -> Person {
    let Value::Object(members) = row else {
        return refuse("not-an-object", "write each person as an object with the member `email`");
    };
    // A hash under another name would be ignored, and its owner locked out.
    if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return refuse("unknown-member", "give only `email`, `password_hash` and `locale`");
    }
    Ok(KnownPerson {
        email: email(&members)?,
        password_hash: text(&members, "password_hash")?.map(password_hash).transpose()?,
        locale: text(&members, "locale")?.map_or(Ok(Locale::default()), locale)?,
    })
}

fn email(members: &Map<String, Value>) -> Result<Email, Refusal> {
    match text(members, "email")? {
        Some(text) => Email::parse(text).map_err(|error| Refusal(error.code(), error.to_string())),
        None => refuse("missing", "give an `email`"),
    }
}

fn password_hash(text: &str) -> Result<PasswordHash, Refusal> {
    let refused = |error: InvalidHash| Refusal(error.code(), error.to_string());
    PasswordHash::import(text).map_err(refused)
}

fn locale(tag: &str) -> Result<Locale, Refusal> {
    let known = || Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(", ");
    Locale::from_tag(tag)
        .ok_or_else(|| Refusal("unknown-locale", format!("give one of {}, or none", known())))
}

fn refuse<T>(code: &'static str, detail: &str) -> Result<T, Refusal> {
    Err(Refusal(code, detail.to_owned()))
}

/// A string that may be missing or `null`.
fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<Option<&'m str>, Refusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => refuse("not-a-string", &format!("give `{name}` as a string")),
    }
}
