//! Origins (RFC 6454): whose pages may read our answers, and whose may change something.

use domain::list;
use lambda_http::{
    Body, Response,
    http::{HeaderName, HeaderValue, header},
};
use url::Url;

use crate::{Call, Kind, Problem, Reply, public_url::has_reachable_host};

/// Origins besides our own whose pages may call us: `CORS_ORIGINS`.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<String>);

/// The list contains something that is not an origin.
#[derive(Debug, thiserror::Error)]
#[error("must list origins like https://www.example.com, separated by commas")]
pub struct InvalidOrigins;

impl TryFrom<&str> for Origins {
    type Error = InvalidOrigins;

    fn try_from(text: &str) -> Result<Self, InvalidOrigins> {
        // We support no patterns, so `https://*.example` would silently match nothing.
        let origin = |text: &str| origin_of(text).filter(|origin| origin == text);
        list::entries(text)
            .map(|text| origin(text).ok_or(InvalidOrigins))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Origins {
    /// Whether this is a CORS preflight from a listed page (Fetch §4.8).
    pub(crate) fn is_preflight(&self, call: &Call) -> bool {
        call.method() == "OPTIONS"
            && call.header("access-control-request-method").is_some()
            && self.listed(call).is_some()
    }

    /// The response to a preflight for a path with these methods.
    pub(crate) fn permission(methods: &[&str]) -> Reply {
        Reply::no_content()
            .with(header::ACCESS_CONTROL_ALLOW_METHODS, methods.join(", "))
            // The last two are W3C Trace Context: monitoring scripts add them to a page's requests.
            .with(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "Authorization, Content-Type, Idempotency-Key, Traceparent, Tracestate",
            )
            .with(header::ACCESS_CONTROL_MAX_AGE, "600")
    }

    /// Lets a listed page read this response and the headers that it needs.
    pub(crate) fn open(&self, call: &Call, response: &mut Response<Body>) {
        if self.0.is_empty() {
            return;
        }
        // A cache must not give one page's response to another.
        let headers = response.headers_mut();
        let vary = match headers.get(header::VARY).and_then(|vary| vary.to_str().ok()) {
            Some(vary) => format!("{vary}, Origin"),
            None => "Origin".to_owned(),
        };
        // One line: payload 2.0 has no second value of a header.
        headers.insert(header::VARY, HeaderValue::from_str(&vary).expect("it is ASCII"));
        let Some(origin) = self.listed(call).and_then(|origin| HeaderValue::from_str(origin).ok())
        else {
            return;
        };
        let mut insert = |name: HeaderName, value| response.headers_mut().insert(name, value);
        insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        // A page on a sister domain may send the session's cookie.
        insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        let readable = HeaderValue::from_static("Retry-After, X-Request-Id");
        insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
    }

    /// Refuses a request from a page that is neither ours nor listed (CSRF, login CSRF). Clients other
    /// than browsers send neither header, and no cookie.
    ///
    /// <https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>
    pub(crate) fn expect_ours(
        &self,
        call: &Call,
        own: &str,
        relies_on_cookie: bool,
    ) -> Result<(), Problem> {
        let is_ours = match (call.header("origin"), call.header("sec-fetch-site")) {
            (Some(origin), _) => origin == own || self.0.iter().any(|one| one == origin),
            (None, Some(site)) => matches!(site, "same-origin" | "none"),
            (None, None) => !relies_on_cookie,
        };
        is_ours.then_some(()).ok_or_else(|| {
            let detail = format!("Send this from {own}: a page of another site may not do this.");
            Problem::new(Kind::Forbidden, detail)
        })
    }

    fn listed<'c>(&self, call: &'c Call) -> Option<&'c str> {
        let origin = call.header("origin")?;
        self.0.iter().any(|one| one == origin).then_some(origin)
    }
}

/// The origin of an `http` or `https` URL, as browsers write it.
fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(has_reachable_host)?;
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization()).filter(|text| text.starts_with("http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_neither_path_nor_default_port() {
        for url in ["https://a.example", "https://A.example:443/dev", "https://a.example/x?y#z"] {
            assert_eq!(origin_of(url).as_deref(), Some("https://a.example"), "{url}");
        }
        assert_eq!(origin_of("http://127.0.0.1:9000").as_deref(), Some("http://127.0.0.1:9000"));
        for url in ["a.example", "//a.example", "ftp://a.example", "null", ""] {
            assert_eq!(origin_of(url), None, "{url}");
        }
    }

    #[test]
    fn a_list_names_origins_exactly() {
        for list in ["", "https://a.example", " https://a.example , http://localhost:3000,"] {
            assert!(Origins::try_from(list).is_ok(), "{list}");
        }
        for list in [
            "*",
            "a.example",
            "https://a.example/",
            "https://*.example",
            "https://.a.example",
            "https://a.example:0",
            "null",
        ] {
            assert!(Origins::try_from(list).is_err(), "{list}");
        }
    }
}
