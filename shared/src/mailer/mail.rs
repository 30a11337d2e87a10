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
        let [preview, heading, lead, action, reason, doubt, doubt_action] = [
            letter.preview,
            letter.heading,
            letter.lead,
            letter.action,
            letter.reason,
            letter.doubt,
            letter.doubt_action,
        ]
        .map(&fill);
        let first_line =
            code.map_or_else(|| heading.clone(), |code| format!("{code}\n\n{heading}"));
        let text = format!(
            "{first_line}\n\n{lead}\n\n{action}\n{link}\n\n--\n{reason}\n{doubt} {doubt_action}\n{not_me}\n"
        );
        // Whoever reads a code types it where he signed up: the link is a way out, no button.
        let (code_block, action_block) = match code {
            Some(code) => (fill_in(CODE, &[("code", code)]), LINK),
            None => (String::new(), BUTTON),
        };
        let action_block =
            fill_in(action_block, &[("link", &escape(link)), ("action", &escape(&action))]);
        let html = fill_in(
            TEMPLATE,
            &[
                ("language", language),
                ("subject", &escape(&fill(letter.subject))),
                ("preview", &escape(&preview)),
                ("padding", &"&#847;&zwnj;&nbsp;".repeat(PREVIEW_PADDING)),
                ("heading", &escape(&heading)),
                ("code", &code_block),
                ("lead", &escape(&lead)),
                ("action", &action_block),
                ("reason", &escape(&reason)),
                ("doubt", &escape(&doubt)),
                ("not_me", &escape(not_me)),
                ("doubt_action", &escape(&doubt_action)),
            ],
        );
        Self { kind, subject: fill(letter.subject), text, html }
    }
}

/// Tables, because Outlook knows nothing else; styles inline, because some mailboxes drop the rest.
const TEMPLATE: &str = include_str!("template.html");
/// One piece of text that a double click copies: the space between its digits is style.
const CODE: &str = include_str!("code.html");
const LINK: &str = include_str!("link.html");
const BUTTON: &str = include_str!("button.html");

/// Keeps mailboxes from filling the preview with what follows in the mail.
const PREVIEW_PADDING: usize = 60;

/// Fills in every `{name}` in one pass: an address may be `{link}@example.com`, and stays so.
/// Other braces are style.
fn fill_in(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once('}').unwrap_or((part, ""));
        if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            let value = values.iter().find(|(known, _)| *known == name);
            filled.push_str(value.expect("the template names only what is there").1);
            filled.push_str(after);
        } else {
            filled.push('{');
            filled.push_str(part);
        }
    }
    filled
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
