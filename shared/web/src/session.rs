//! The cookie of a session.

use lambda_http::http::header;

use crate::Reply;

/// With this prefix a browser takes the cookie over TLS only, and from this host only (RFC 6265bis
/// §4.1.3.2).
pub(crate) const SESSION_COOKIE: &str = "__Host-session";

/// RFC 6265bis §4.1: over TLS only, hidden from scripts, and absent from requests that other sites'
/// pages send.
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
    pub fn without_session(self, is_from_cookie: bool) -> Self {
        if is_from_cookie { self.with(header::SET_COOKIE, cookie("", 0)) } else { self }
    }
}
