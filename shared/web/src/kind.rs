//! The kinds of problems: status, code and title, in one table.

use lambda_http::http::StatusCode;

use process::metrics::Count;

/// One variant per `code` of the API, but two for `invalid-credentials`: operators watch wrong
/// passwords and missing sessions separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
