//! Our mails: made to be read, and typed from, within a minute.

use uuid::Uuid;
use words::{Letter, Texts};

use domain::{code::ActivationCode, email::Email, locale::Locale, token::Token};

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

    /// Asks for a link to a new password.
    fn password(&self) -> String {
        format!("{}/password", self.public_url)
    }

    /// The same page with such a link's token: takes the new password.
    fn new_password(&self, token: &Token) -> String {
        format!("{}#token={}", self.password(), token.expose())
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
        let draft = Draft {
            kind: "activation",
            letter: &texts.activation,
            code: Some(code.expose()),
            // Whoever reads a code types it where he signed up: this is a way out, no button.
            action: (LINK, links.activate(registration)),
            not_me: Some(links.not_me(token)),
        };
        draft.write(texts, fill)
    }

    /// A note to the owner of an account: somebody signed up with the address again.
    pub fn account_exists(locale: Locale, links: (&Links, &Token), to: &Email) -> Self {
        let (links, token) = links;
        let texts = locale.texts();
        let action = (BUTTON, links.password());
        let note = Draft::note("account-exists", &texts.account_exists, action);
        Draft { not_me: Some(links.not_me(token)), ..note }.write_to(to, texts)
    }

    /// The link to a new password: it works once, for 15 minutes.
    pub fn new_password(locale: Locale, links: (&Links, &Token), to: &Email) -> Self {
        let (links, token) = links;
        let texts = locale.texts();
        let action = (BUTTON, links.new_password(token));
        Draft::note("new-password", &texts.new_password, action).write_to(to, texts)
    }

    /// A note to an address without an active account: somebody asked for a new password.
    pub fn no_account(locale: Locale, links: &Links, to: &Email) -> Self {
        let texts = locale.texts();
        let action = (BUTTON, links.public_url.clone());
        Draft::note("no-account", &texts.no_account, action).write_to(to, texts)
    }

    /// Tells the owner of an account that its password was changed.
    pub fn password_changed(locale: Locale, links: &Links, to: &Email) -> Self {
        let texts = locale.texts();
        let action = (BUTTON, links.password());
        Draft::note("password-changed", &texts.password_changed, action).write_to(to, texts)
    }

    /// Tells who owned an account that it was deleted.
    pub fn account_deleted(locale: Locale, links: &Links, to: &Email) -> Self {
        let texts = locale.texts();
        // Most of them wanted to leave: nothing pulls them back.
        let action = (LINK, links.public_url.clone());
        Draft::note("account-deleted", &texts.account_deleted, action).write_to(to, texts)
    }
}

/// A letter, and what is put into it.
struct Draft<'a> {
    kind: &'static str,
    letter: &'a Letter,
    code: Option<&'a str>,
    /// How the way on looks, and where it leads.
    action: (&'static str, String),
    /// Where somebody goes who did not sign up.
    not_me: Option<String>,
}

impl<'a> Draft<'a> {
    fn note(kind: &'static str, letter: &'a Letter, action: (&'static str, String)) -> Self {
        Self { kind, letter, code: None, action, not_me: None }
    }

    fn write_to(&self, to: &Email, texts: &Texts) -> Mail {
        self.write(texts, |text| text.replace("{address}", to.as_str()))
    }

    fn write(&self, texts: &Texts, fill: impl Fn(&str) -> String) -> Mail {
        let Self { kind, letter, code, action: (action_block, link), not_me } = self;
        let [subject, preview, heading, lead, action, reason, doubt] = [
            letter.subject,
            letter.preview,
            letter.heading,
            letter.lead,
            letter.action,
            letter.reason,
            letter.doubt,
        ]
        .map(fill);
        let (code_line, code_block) = code.map_or_else(Default::default, |code| {
            (format!("{code}\n\n"), fill_in(CODE, &[("code", code)]))
        });
        let (not_me_lines, not_me_block) = not_me.as_ref().map_or_else(Default::default, |link| {
            let action = texts.not_me_action;
            (format!(" {action}\n{link}"), linked(NOT_ME, link, action))
        });
        let text = format!(
            "{code_line}{heading}\n\n{lead}\n\n{action}\n{link}\n\n--\n{reason}\n{doubt}{not_me_lines}\n"
        );
        let html = fill_in(
            TEMPLATE,
            &[
                ("language", texts.language),
                ("subject", &escape(&subject)),
                ("preview", &escape(&preview)),
                ("padding", &"&#847;&zwnj;&nbsp;".repeat(PREVIEW_PADDING)),
                ("heading", &escape(&heading)),
                ("code", &code_block),
                ("lead", &escape(&lead)),
                ("action", &linked(action_block, link, &action)),
                ("reason", &escape(&reason)),
                ("doubt", &escape(&doubt)),
                ("not_me", &not_me_block),
            ],
        );
        Mail { kind, subject, text, html }
    }
}

/// Tables, because Outlook knows nothing else; styles inline, because some mailboxes drop the rest.
const TEMPLATE: &str = include_str!("template.html");
/// One piece of text that a double click copies: the space between its digits is style.
const CODE: &str = include_str!("code.html");
const LINK: &str = include_str!("link.html");
const BUTTON: &str = include_str!("button.html");
const NOT_ME: &str = include_str!("not_me.html");

/// Keeps mailboxes from filling the preview with what follows in the mail.
const PREVIEW_PADDING: usize = 60;

/// One of these blocks with a link in it.
fn linked(block: &str, link: &str, action: &str) -> String {
    fill_in(block, &[("link", &escape(link)), ("action", &escape(action))])
}

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

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
