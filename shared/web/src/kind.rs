//! The kinds of problems: status, code and title, in one table.

use lambda_http::http::StatusCode;

use process::metrics::Count;

/// One variant per `code` of the API, but two for `invalid-credentials`: operators watch wrong
/// passwords and missing sessions separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(strum::VariantArray))]
pub enum Kind {
    MalformedJson,
    InvalidCredentials,
    InvalidSession,
    CodeIncorrect,
    NotActivated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    AlreadyActive,
    InProgress,
    CodeExpired,
    CodeExhausted,
    TokenInvalid,
    PayloadTooLarge,
    UnsupportedMediaType,
    InvalidInput,
    IdempotencyKeyReused,
    TooManyRequests,
    MailUnavailable,
    DatabaseUnavailable,
    InternalError,
}

impl Kind {
    /// Status, `code` and title.
    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::MalformedJson => (S::BAD_REQUEST, "malformed-json", "Malformed JSON"),
            Self::InvalidCredentials | Self::InvalidSession => {
                (S::UNAUTHORIZED, "invalid-credentials", "Invalid credentials")
            }
            Self::CodeIncorrect => (S::FORBIDDEN, "code-incorrect", "Incorrect code"),
            Self::NotActivated => (S::FORBIDDEN, "not-activated", "Not activated"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "Forbidden"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
            }
            Self::AlreadyActive => (S::CONFLICT, "already-active", "Already active"),
            Self::InProgress => (S::CONFLICT, "in-progress", "In progress"),
            Self::CodeExpired => (S::GONE, "code-expired", "Code expired"),
            Self::CodeExhausted => (S::GONE, "code-exhausted", "Code exhausted"),
            Self::TokenInvalid => (S::GONE, "token-invalid", "Token invalid"),
            Self::PayloadTooLarge => {
                (S::PAYLOAD_TOO_LARGE, "payload-too-large", "Payload too large")
            }
            Self::UnsupportedMediaType => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type")
            }
            Self::InvalidInput => (S::UNPROCESSABLE_ENTITY, "invalid-input", "Invalid input"),
            Self::IdempotencyKeyReused => {
                (S::UNPROCESSABLE_ENTITY, "idempotency-key-reused", "Idempotency key reused")
            }
            Self::TooManyRequests => {
                (S::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests")
            }
            Self::MailUnavailable => {
                (S::SERVICE_UNAVAILABLE, "mail-unavailable", "Mail unavailable")
            }
            Self::DatabaseUnavailable => {
                (S::SERVICE_UNAVAILABLE, "database-unavailable", "Database unavailable")
            }
            Self::InternalError => (S::INTERNAL_SERVER_ERROR, "internal-error", "Internal error"),
        }
    }

    /// The metric that counts it. Operators watch only these.
    pub(super) fn metric(self) -> Option<Count> {
        match self {
            Self::InvalidCredentials => Some(Count::PasswordFailures),
            Self::CodeIncorrect => Some(Count::CodesIncorrect),
            Self::CodeExpired => Some(Count::CodesExpired),
            Self::CodeExhausted => Some(Count::CodesExhausted),
            Self::TooManyRequests => Some(Count::LimitsHit),
            Self::MailUnavailable => Some(Count::MailUnavailable),
            Self::DatabaseUnavailable => Some(Count::DatabaseUnavailable),
            Self::InternalError => Some(Count::InternalErrors),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;
    use strum::VariantArray as _;

    use super::*;

    fn contract() -> Value {
        serde_norway::from_str(include_str!("../../../openapi.yaml")).expect("it is YAML")
    }

    #[test]
    fn openapi_yaml_explains_every_code_with_its_status_and_title() {
        let kinds = Kind::VARIANTS.iter().map(|kind| kind.parts());
        let meant: BTreeMap<_, _> = kinds
            .map(|(status, code, title)| (code.to_owned(), (status.as_u16(), title.to_owned())))
            .collect();
        let schema = &contract()["components"]["schemas"]["ProblemCode"];
        let explained = schema["x-problems"].as_object().expect("problems").iter();
        let explained: BTreeMap<_, _> = explained
            .map(|(code, problem)| {
                let status = problem["status"].as_u64().and_then(|it| it.try_into().ok());
                let title = problem["title"].as_str().expect("a title").to_owned();
                for member in ["happened", "next"] {
                    assert!(problem[member].as_str().is_some_and(|it| it.ends_with('.')), "{code}");
                }
                (code.clone(), (status.expect("a status"), title))
            })
            .collect();
        assert_eq!(explained, meant);
        let listed = schema["enum"].as_array().expect("codes").iter().filter_map(Value::as_str);
        let listed: BTreeSet<_> = listed.map(str::to_owned).collect();
        assert_eq!(listed, meant.into_keys().collect());
    }

    #[test]
    fn the_answers_of_openapi_yaml_name_every_code_and_no_other() {
        let kinds: BTreeSet<_> =
            Kind::VARIANTS.iter().map(|kind| kind.parts().1.to_owned()).collect();
        let mut named = BTreeSet::new();
        collect(&contract(), &mut named);
        assert_eq!(named, kinds);
    }

    /// The `x-codes` of a value and of every value inside it.
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::Object(members) => {
                let codes = members.get("x-codes").and_then(Value::as_array).into_iter().flatten();
                found.extend(codes.filter_map(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| collect(member, found));
            }
            _ => {}
        }
    }
}
