//! Origins (RFC 6454): whose pages may read our answers, and whose may change something.

use lambda_http::{
    Body, Response,
    http::{HeaderName, HeaderValue, header},
};
use url::Url;

use super::{Call, Kind, Problem, Reply};

/// Origins besides our own whose pages may call us: `CORS_ORIGINS`.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<String>);

/// The text lists something that is no origin.
#[derive(Debug, thiserror::Error)]
#[error("must list origins like https://www.example.com, separated by commas")]
pub struct InvalidOrigins;

impl TryFrom<&str> for Origins {
    type Error = InvalidOrigins;

    fn try_from(text: &str) -> Result<Self, InvalidOrigins> {
        let listed = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        // There are no patterns: one that looked like one would match nothing.
        let origin =
            |text: &str| origin_of(text).filter(|origin| origin == text && !text.contains('*'));
        listed.map(|text| origin(text).ok_or(InvalidOrigins)).collect::<Result<_, _>>().map(Self)
    }
}

impl Origins {
    /// Answers the question that a browser asks before it lets a listed page call us
    /// (Fetch §4.8, "CORS-preflight fetch"). For everybody else there is no such answer.
    pub(super) fn preflight(&self, call: &Call<'_>) -> Option<Reply> {
        let is_asked = call.method() == "OPTIONS"
            && call.header("access-control-request-method").is_some()
            && self.listed(call).is_some();
        is_asked.then(|| {
            Reply::no_content()
                .with(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PATCH, DELETE")
                .with(
                    header::ACCESS_CONTROL_ALLOW_HEADERS,
                    "Authorization, Content-Type, Idempotency-Key",
                )
                .with(header::ACCESS_CONTROL_MAX_AGE, "600")
        })
    }

    /// Lets a listed page read this answer, and the headers that it needs.
    pub(super) fn open(&self, call: &Call<'_>, response: &mut Response<Body>) {
        let Some(origin) = self.listed(call).and_then(|origin| HeaderValue::from_str(origin).ok())
        else {
            return;
        };
        let mut insert = |name: HeaderName, value| response.headers_mut().insert(name, value);
        insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        // The cookie of a session goes along from a sister domain.
        insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        let readable = HeaderValue::from_static("Retry-After, X-Request-Id");
        insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
    }

    /// Refuses a request that a foreign page has made a browser send. What no browser sends has
    /// neither header, and no cookie either.
    ///
    /// <https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>
    pub fn expect_ours(
        &self,
        call: &Call<'_>,
        own: &str,
        relies_on_cookie: bool,
    ) -> Result<(), Problem> {
        let is_ours = match (call.header("origin"), call.header("sec-fetch-site")) {
            (Some(origin), _) => {
                origin.is_ok_and(|origin| origin == own || self.0.iter().any(|one| one == origin))
            }
            (None, Some(site)) => matches!(site, Ok("same-origin" | "none")),
            (None, None) => !relies_on_cookie,
        };
        is_ours.then_some(()).ok_or_else(|| {
            let detail = "Send this from the site itself: another page must not do it for you.";
            Problem::new(Kind::Forbidden, detail)
        })
    }

    fn listed<'c>(&self, call: &'c Call<'_>) -> Option<&'c str> {
        let origin = call.header("origin")?.ok()?;
        self.0.iter().any(|one| one == origin).then_some(origin)
    }
}

/// The origin of a URL, as browsers write it; nothing for what is no `http` or `https` URL.
pub fn origin_of(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
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
        for list in ["*", "a.example", "https://a.example/", "https://*.example", "null"] {
            assert!(Origins::try_from(list).is_err(), "{list}");
        }
    }
}
