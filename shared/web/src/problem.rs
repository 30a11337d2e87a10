//! An error as the client sees it (RFC 9457).

use domain::password::HashError;
use lambda_http::http::{HeaderName, header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Kind, PublicUrl, Reply};

/// An error as the client sees it. Its `source` goes to the log, never to the client.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    /// For people: what happened, what to do next.
    detail: String,
    /// An extra member of the body.
    extension: Option<(&'static str, Value)>,
    headers: Vec<(HeaderName, String)>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A mistake in one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// A JSON Pointer into the body.
    pub pointer: &'static str,
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub detail: String,
}

impl Problem {
    /// A problem of this kind, with a sentence for people.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, detail, extension: None, headers: Vec::new(), source: None }
    }

    /// The path has only these methods.
    pub(crate) fn method_not_allowed(methods: &[&str]) -> Self {
        let allow = methods.join(", ");
        let detail = match methods {
            [] | [_] => format!("This path answers {allow} only."),
            [others @ .., last] => {
                format!("This path answers {} and {last} only.", others.join(", "))
            }
        };
        Self { headers: vec![(header::ALLOW, allow)], ..Self::new(Kind::MethodNotAllowed, detail) }
    }

    /// These mistakes in the fields.
    pub fn invalid_input(errors: &[FieldError]) -> Self {
        let detail = "Some fields are invalid. `errors` says which and why.";
        Self { extension: Some(("errors", json!(errors))), ..Self::new(Kind::InvalidInput, detail) }
    }

    /// No account or attempt has these credentials.
    pub fn invalid_credentials() -> Self {
        Self::new(
            Kind::InvalidCredentials,
            "Send the email address and the password of this sign-up with HTTP Basic.",
        )
    }

    /// The caller is not signed in.
    pub fn invalid_session() -> Self {
        Self::new(
            Kind::InvalidSession,
            "Sign in: this request has no session, or its session has ended.",
        )
    }

    /// A limit was reached.
    pub fn too_many_requests(retry_after: u32) -> Self {
        Self {
            headers: vec![retry_after_header(retry_after)],
            ..Self::new(
                Kind::TooManyRequests,
                format!("Too many requests. Try again in {}.", in_words(retry_after)),
            )
        }
    }

    /// The code was wrong.
    pub fn code_incorrect(attempts_left: u32) -> Self {
        let detail = match attempts_left {
            0 => "That code is wrong, and no guesses are left. Request a new code.",
            1 => "That code is wrong. You have one more guess.",
            _ => "That code is wrong. Compare it with the newest email.",
        };
        Self {
            extension: Some(("attempts_left", json!(attempts_left))),
            ..Self::new(Kind::CodeIncorrect, detail)
        }
    }

    /// No code of the attempt is alive.
    pub fn code_expired(resend_in: u32) -> Self {
        Self {
            extension: Some(("resend_in", json!(resend_in))),
            ..Self::new(
                Kind::CodeExpired,
                format!("This code has expired. Request a new one{}.", when(resend_in)),
            )
        }
    }

    /// The guesses of every live code are used up.
    pub fn code_exhausted(resend_in: u32) -> Self {
        Self {
            extension: Some(("resend_in", json!(resend_in))),
            ..Self::new(
                Kind::CodeExhausted,
                format!("This code was guessed too often. Request a new one{}.", when(resend_in)),
            )
        }
    }

    /// The account is active already.
    pub fn already_active() -> Self {
        Self::new(
            Kind::AlreadyActive,
            "This account is already active. There is nothing left to do.",
        )
    }

    /// SES did not accept the email.
    pub fn mail_unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            headers: vec![retry_after_header(1)],
            source: Some(source.into()),
            ..Self::new(
                Kind::MailUnavailable,
                "The email could not be sent. Nothing is lost: send the same request again.",
            )
        }
    }

    /// A database statement failed.
    pub fn database_unavailable(
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            headers: vec![retry_after_header(1)],
            source: Some(source.into()),
            ..Self::new(
                Kind::DatabaseUnavailable,
                "The service is not available right now. Nothing is lost: send the same request again.",
            )
        }
    }

    /// A bug.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(
                Kind::InternalError,
                "Something went wrong on our side. If it happens again, tell us the `request_id`.",
            )
        }
    }

    /// Its `code`.
    pub(crate) fn code(&self) -> &'static str {
        let (_, code, _) = self.kind.parts();
        code
    }

    /// Logs and counts it, and turns it into the response. Its `type` leads people to the page that
    /// explains it.
    pub(crate) fn into_reply(self, public_url: &PublicUrl, request_id: &str) -> Reply {
        self.report(request_id);
        let (status, code, title) = self.kind.parts();
        let mut body = json!({
            "type": format!("{}/docs/problems#{code}", public_url.as_str()),
            "title": title,
            "status": status.as_u16(),
            "detail": self.detail,
            "code": code,
            "request_id": request_id,
        });
        if let Some((name, value)) = self.extension {
            body[name] = value;
        }
        let media_type = (header::CONTENT_TYPE, "application/problem+json".to_owned());
        let headers = [media_type].into_iter().chain(self.headers).collect();
        Reply { status, headers, body: body.to_string() }
    }

    /// Counts it and logs its cause, once. A caller's mistake has no cause and is not logged.
    fn report(&self, request_id: &str) {
        if let Some(metric) = self.kind.metric() {
            process::metrics::count(metric);
        }
        if self.kind.parts().0.is_server_error() {
            process::metrics::count_failed_request();
        }
        if let Some(source) = &self.source {
            let cause = causes(source.as_ref());
            tracing::error!(request_id, problem = self.code(), cause, "request failed");
        }
    }
}

impl From<HashError> for Problem {
    fn from(error: HashError) -> Self {
        Self::internal(error)
    }
}

fn retry_after_header(seconds: u32) -> (HeaderName, String) {
    (header::RETRY_AFTER, seconds.to_string())
}

fn when(resend_in: u32) -> String {
    if resend_in == 0 { String::new() } else { format!(" in {}", in_words(resend_in)) }
}

/// A wait in the unit that people use: hours, not 86 400 seconds. Programs have `Retry-After` and `resend_in`.
fn in_words(seconds: u32) -> String {
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// An error and its causes in one line. Uses `Display`: a `Debug` text may contain values.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_wait_is_told_in_the_unit_that_people_would_use() {
        for (seconds, words) in [
            (1, "1 second"),
            (30, "30 seconds"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (121, "3 minutes"),
            (7199, "120 minutes"),
            (7200, "2 hours"),
            (86_307, "24 hours"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
