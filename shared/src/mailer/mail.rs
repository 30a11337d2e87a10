//! Our mails: made to be read, and typed from, within a minute.

use uuid::Uuid;
use words::Letter;

use crate::domain::{code::ActivationCode, email::Email, locale::Locale, token::Token};

/// A mail, ready to be sent.
pub struct Mail {
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// The site that our links lead to.
#[derive(Debug, Clone)]
pub struct Links {
    /// `PUBLIC_URL`, without a slash at its end.
    pub public_url: String,
}

impl Links {
    /// Shows a page and never activates by itself: mail scanners follow links. What it carries
    /// stands in the fragment, which no server's log ever sees.
    fn activate(&self, registration: Uuid) -> String {
        format!("{}/activate#registration={registration}", self.public_url)
    }

    fn not_me(&self, token: &Token) -> String {
        format!("{}/not-me#token={}", self.public_url, token.expose())
    }
}

impl Mail {
    /// The code of an attempt.
    pub fn activation(
        locale: Locale,
        code: &ActivationCode,
        code_lifetime: u32,
        links: (&Links, Uuid, &Token),
        to: &Email,
    ) -> Self {
        let (links, registration, token) = links;
        let texts = locale.texts();
        let fill = |text: &str| {
            text.replace("{code}", code.expose())
                .replace("{within}", &(texts.within)(code_lifetime))
                .replace("{address}", to.as_str())
        };
        Self::write(
            "activation",
            texts.language,
            &texts.activation,
            fill,
            Some(code.expose()),
            [&links.activate(registration), &links.not_me(token)],
        )
    }

    /// A note to the owner of an account: somebody signed up with the address again.
    pub fn account_exists(locale: Locale, links: (&Links, &Token), to: &Email) -> Self {
        let (links, token) = links;
        let texts = locale.texts();
        let fill = |text: &str| text.replace("{address}", to.as_str());
        Self::write(
            "account-exists",
            texts.language,
            &texts.account_exists,
            fill,
            None,
            [&links.public_url, &links.not_me(token)],
        )
    }

    fn write(
        kind: &'static str,
        language: &str,
        letter: &Letter,
        fill: impl Fn(&str) -> String,
        code: Option<&str>,
        [link, not_me]: [&str; 2],
    ) -> Self {
        let [preview, lead, action, reason, doubt, doubt_action] = [
            letter.preview,
            letter.lead,
            letter.action,
            letter.reason,
            letter.doubt,
            letter.doubt_action,
        ]
        .map(&fill);
        let code_line = code.map(|code| format!("{code}\n\n")).unwrap_or_default();
        let text = format!(
            "{code_line}{lead}\n\n{action}\n{link}\n\n{reason}\n\n{doubt} {doubt_action}\n{not_me}\n"
        );
        let code_block = code
            .map(|code| {
                format!(r#"<p style="margin:0 0 16px;font:700 40px/1.2 monospace">{code}</p>"#)
            })
            .unwrap_or_default();
        let html = fill_in(
            TEMPLATE,
            &[
                ("language", language),
                ("subject", &escape(&fill(letter.subject))),
                ("preview", &escape(&preview)),
                ("code", &code_block),
                ("lead", &escape(&lead)),
                ("link", &escape(link)),
                ("action", &escape(&action)),
                ("reason", &escape(&reason)),
                ("doubt", &escape(&doubt)),
                ("not_me", &escape(not_me)),
                ("doubt_action", &escape(&doubt_action)),
            ],
        );
        Self { kind, subject: fill(letter.subject), text, html }
    }
}

/// The code comes first, as one piece that can be copied.
const TEMPLATE: &str = include_str!("template.html");

/// Fills in every `{name}` in one pass: an address may be `{link}@example.com`, and stays so.
fn fill_in(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once('}').expect("the template closes every brace");
        let value = values.iter().find(|(known, _)| *known == name);
        filled.push_str(value.expect("the template names only what is there").1);
        filled.push_str(after);
    }
    filled
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
