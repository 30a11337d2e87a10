//! The answers, and the headers that every one of them has.

use lambda_http::{
    Body, Response,
    http::{header, response::Builder},
};
use serde_json::json;

use crate::{Found, request::Visit};

/// Nothing but our own files, no inline code or style, no frame around us. The viewer of the
/// documentation needs pictures that stand in its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A file, or what is said of it (`HEAD`).
pub(crate) fn file(found: &Found<'_>, is_head: bool) -> Response<Body> {
    let body = if is_head { Body::Empty } else { Body::Text(found.text.to_owned()) };
    let answer = described(200, found).header(header::CONTENT_TYPE, found.media_type);
    finished(answer, body)
}

/// The browser has it.
pub(crate) fn not_modified(found: &Found<'_>) -> Response<Body> {
    finished(described(304, found), Body::Empty)
}

/// No function has this path.
pub(crate) fn not_found(visit: &Visit<'_>) -> Response<Body> {
    let answer = guarded(404).header(header::CACHE_CONTROL, "no-store");
    problem(answer, 404, visit, ("not-found", "Not found", "There is nothing here."))
}

/// Files are read only.
pub(crate) fn wrong_method(visit: &Visit<'_>) -> Response<Body> {
    let answer =
        guarded(405).header(header::CACHE_CONTROL, "no-store").header(header::ALLOW, "GET, HEAD");
    let detail = "This resource answers GET and HEAD only.";
    problem(answer, 405, visit, ("method-not-allowed", "Method not allowed", detail))
}

fn described(status: u16, found: &Found<'_>) -> Builder {
    let answer = guarded(status);
    let Some(tag) = &found.tag else {
        return answer.header(header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    };
    let answer = answer.header(header::CACHE_CONTROL, "no-cache").header(header::ETAG, tag);
    match found.language {
        Some(language) => answer
            .header(header::CONTENT_LANGUAGE, language)
            .header(header::VARY, "Accept-Language"),
        None => answer,
    }
}

fn guarded(status: u16) -> Builder {
    Response::builder()
        .status(status)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        // This host alone: at the apex of a domain, `includeSubDomains` would bind all others there.
        .header(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()")
        .header("cross-origin-opener-policy", "same-origin")
        .header("cross-origin-resource-policy", "same-origin")
}

/// RFC 9457, as every function answers it.
fn problem(
    answer: Builder,
    status: u16,
    visit: &Visit<'_>,
    (code, title, detail): (&str, &str, &str),
) -> Response<Body> {
    let body = json!({
        "type": format!("urn:problem-type:registration:{code}"),
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": visit.id,
    });
    let answer = answer
        .header(header::CONTENT_TYPE, "application/problem+json")
        .header("x-request-id", &visit.id);
    let body = if visit.method == "HEAD" { Body::Empty } else { Body::Text(body.to_string()) };
    finished(answer, body)
}

fn finished(answer: Builder, body: Body) -> Response<Body> {
    answer.body(body).expect("every part of the answer is our own text")
}
