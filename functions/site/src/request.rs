//! A request as this function sees it.

use lambda_http::{Request, RequestExt as _, http::header, request::RequestContext};
use words::Locale;

pub(crate) struct Visit<'r> {
    pub(crate) method: &'r str,
    /// Without a stage.
    pub(crate) path: &'r str,
    pub(crate) locale: Locale,
    pub(crate) id: String,
    request: &'r Request,
}

impl<'r> Visit<'r> {
    pub(crate) fn of(request: &'r Request) -> Self {
        let raw_path = request.raw_http_path();
        // Payload 2.0 puts a named stage before the path, payload 1.0 does not.
        let path = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context
                .stage
                .as_deref()
                .and_then(|stage| raw_path.strip_prefix('/')?.strip_prefix(stage))
                .filter(|rest| rest.starts_with('/'))
                .unwrap_or(raw_path),
            _ => raw_path,
        };
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let chosen = request.query_string_parameters().first("lang").and_then(Locale::from_tag);
        let locale = chosen.unwrap_or_else(|| {
            Locale::from_accept_language(text(header::ACCEPT_LANGUAGE).unwrap_or_default())
        });
        let id = request.lambda_context_ref().map(|context| context.request_id.clone());
        let method = request.method().as_str();
        Self { method, path, locale, id: id.unwrap_or_default(), request }
    }

    /// Whether the browser has this version already (RFC 9110 §13.1.2).
    pub(crate) fn has(&self, tag: &str) -> bool {
        let known = self.request.headers().get_all(header::IF_NONE_MATCH);
        let mut known = known.iter().filter_map(|value| value.to_str().ok());
        known.any(|list| {
            list.split(',')
                .map(str::trim)
                .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
        })
    }
}
