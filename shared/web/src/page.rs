//! What a browser shows of a path without a page: words and links, instead of JSON.

use lambda_http::http::header;

use crate::{Call, PublicUrl, Reply};

const TEMPLATE: &str = include_str!("page.html");

/// Allows the style in the template by its digest, and an icon that says that there is none: browsers
/// would ask for one.
const POLICY: &str = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     style-src 'sha256-RxWIgxwUshRrLgUoTsXd5FvCN9ktoY+90ZB9WPpsw6g='";

/// The page for a 404 or 405, in the language that the browser prefers. Status and headers stay.
pub(crate) fn instead_of(problem: Reply, call: &Call, public_url: &PublicUrl) -> Reply {
    let texts = call.preferred_locale().texts();
    let pages = &texts.pages;
    let (url, host) = (public_url.as_str().replace('&', "&amp;"), public_url.shown_host());
    let values = [
        ("{language}", texts.language),
        ("{direction}", texts.direction),
        ("{title}", pages.nothing_title),
        ("{lead}", pages.nothing_lead),
        ("{register}", pages.register_title),
        ("{login}", pages.login_title),
        ("{host}", &host),
        ("{url}", &url),
    ];
    let fill = |page: String, (name, value): (&str, &str)| page.replace(name, value);
    let body = values.into_iter().fold(TEMPLATE.to_owned(), fill);
    let own = problem.headers.into_iter().filter(|(name, _)| *name != header::CONTENT_TYPE);
    let headers = own
        .chain([
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CONTENT_LANGUAGE, texts.language.to_owned()),
            (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        ])
        .collect();
    Reply { headers, body, ..problem }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_style_of_the_page() {
        let (_, style) = TEMPLATE.split_once("<style>").expect("a style");
        let (style, _) = style.split_once("</style>").expect("its end");
        let digest = STANDARD.encode(Sha256::digest(style));
        assert!(POLICY.contains(&format!("'sha256-{digest}'")), "{digest}");
    }
}
