//! The cookie of a session.

use lambda_http::http::header;

use crate::Reply;

/// Its name. The prefix makes browsers refuse it from elsewhere, or without TLS
/// (RFC 6265bis §4.1.3.2).
pub(crate) const SESSION_COOKIE: &str = "__Host-session";

/// RFC 6265bis §4.1. Only for us, only over TLS, out of reach for scripts, and not sent along with
/// what other sites' pages send.
pub(crate) fn cookie(token: &str, seconds: u32) -> String {
    format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

impl Reply {
    /// Gives a browser the token of a session.
    #[must_use]
    pub fn with_session(self, token: &str, seconds: u32) -> Self {
        self.with(header::SET_COOKIE, cookie(token, seconds))
    }

    /// Makes a browser forget the session, if it relies on one.
    #[must_use]
    pub fn without_session(self, is_cookie: bool) -> Self {
        if is_cookie { self.with(header::SET_COOKIE, cookie("", 0)) } else { self }
    }
}
