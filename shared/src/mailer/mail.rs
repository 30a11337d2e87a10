//! Our emails: easy to read, and to copy a code from, within a minute.

use askama::Template;
use uuid::Uuid;
use words::{Letter, Texts};

use domain::{code::ActivationCode, email::Email, locale::Locale, token::Token};
use web::brand::Brand;

/// An email, ready to be sent.
pub struct Mail {
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// A code, and what else its email says.
pub struct MailedCode<'a> {
    pub code: &'a ActivationCode,
    pub lifetime_seconds: u32,
    /// The attempt that the code activates.
    pub registration: Uuid,
    /// The token of the "this wasn't me" link.
    pub not_me: &'a Token,
}

/// What all our emails share: whose they are, and where their links lead.
#[derive(Debug, Clone)]
pub struct Letterhead {
    pub brand: Brand,
    /// `PUBLIC_URL`, without a slash at its end.
    pub public_url: String,
}

impl Letterhead {
    /// The page only shows a form and never activates by itself, because mail scanners follow links.
    /// The id is in the fragment, which browsers do not send, so that no server logs it.
    fn activate(&self, registration: Uuid) -> String {
        format!("{}/activate#registration={registration}", self.public_url)
    }

    fn not_me(&self, token: &Token) -> String {
        format!("{}/not-me#token={}", self.public_url, token.expose())
    }

    /// The first page. Its links need the slash.
    fn home(&self) -> String {
        format!("{}/", self.public_url)
    }

    /// The page that requests a link to a new password.
    fn password(&self) -> String {
        format!("{}/password", self.public_url)
    }

    /// The same page with the token of such a link: it asks for the new password.
    fn new_password(&self, token: &Token) -> String {
        format!("{}#token={}", self.password(), token.expose())
    }
}

impl Mail {
    /// Carries the code of an attempt.
    pub fn activation(
        locale: Locale,
        letterhead: &Letterhead,
        mailed: &MailedCode<'_>,
        to: &Email,
    ) -> Self {
        let MailedCode { code, lifetime_seconds, registration, not_me } = *mailed;
        let texts = locale.texts();
        let fill = |text: &str| {
            text.replace("{code}", code.expose())
                .replace("{within}", &(texts.within)(lifetime_seconds))
                .replace("{address}", to.as_str())
        };
        let draft = Draft {
            kind: "activation",
            letter: &texts.activation,
            code: Some(code.expose()),
            // Most recipients type the code into the page where they signed up. The link is for
            // those who closed it, so it is not a button.
            action: Action::Link(letterhead.activate(registration)),
            not_me: Some(letterhead.not_me(not_me)),
        };
        draft.write(texts, fill)
    }

    /// Tells the owner of an account that someone signed up with its address again.
    pub fn account_exists(
        locale: Locale,
        letterhead: &Letterhead,
        not_me: &Token,
        to: &Email,
    ) -> Self {
        let texts = locale.texts();
        let action = Action::Button(letterhead.password());
        let note = Draft::note("account-exists", &texts.account_exists, action);
        Draft { not_me: Some(letterhead.not_me(not_me)), ..note }.write_to(to, texts)
    }

    /// The link to a new password, which works once, for 15 minutes.
    pub fn new_password(
        locale: Locale,
        letterhead: &Letterhead,
        token: &Token,
        to: &Email,
    ) -> Self {
        let texts = locale.texts();
        let action = Action::Button(letterhead.new_password(token));
        Draft::note("new-password", &texts.new_password, action).write_to(to, texts)
    }

    /// Answers a request for a new password to an address without an active account.
    pub fn no_account(locale: Locale, letterhead: &Letterhead, to: &Email) -> Self {
        let texts = locale.texts();
        let action = Action::Button(letterhead.home());
        Draft::note("no-account", &texts.no_account, action).write_to(to, texts)
    }

    /// Tells the owner of an account that its password was changed.
    pub fn password_changed(locale: Locale, letterhead: &Letterhead, to: &Email) -> Self {
        let texts = locale.texts();
        let action = Action::Button(letterhead.password());
        Draft::note("password-changed", &texts.password_changed, action).write_to(to, texts)
    }

    /// Tells the former owner of an account that it was deleted.
    pub fn account_deleted(locale: Locale, letterhead: &Letterhead, to: &Email) -> Self {
        let texts = locale.texts();
        // Most owners wanted to leave, so no button invites them back.
        let action = Action::Link(letterhead.home());
        Draft::note("account-deleted", &texts.account_deleted, action).write_to(to, texts)
    }
}

/// The parts of an email.
struct Draft<'a> {
    kind: &'static str,
    letter: &'a Letter,
    code: Option<&'a str>,
    action: Action,
    /// The link for a recipient who did not sign up.
    not_me: Option<String>,
}

/// Where the email leads, and how prominently.
enum Action {
    Button(String),
    Link(String),
}

/// The HTML part. Every value is text, which the template escapes.
#[derive(Template)]
#[template(path = "email.html")]
struct Html<'a> {
    language: &'a str,
    subject: &'a str,
    preview: &'a str,
    code: Option<&'a str>,
    heading: &'a str,
    lead: &'a str,
    action: &'a Action,
    label: &'a str,
    reason: &'a str,
    doubt: &'a str,
    not_me: Option<&'a str>,
    not_me_label: &'a str,
}

impl<'a> Draft<'a> {
    fn note(kind: &'static str, letter: &'a Letter, action: Action) -> Self {
        Self { kind, letter, code: None, action, not_me: None }
    }

    fn write_to(&self, to: &Email, texts: &Texts) -> Mail {
        self.write(texts, |text| text.replace("{address}", to.as_str()))
    }

    fn write(&self, texts: &Texts, fill: impl Fn(&str) -> String) -> Mail {
        let Self { kind, letter, code, action, not_me } = self;
        let [subject, preview, heading, lead, label, reason, doubt] = [
            letter.subject,
            letter.preview,
            letter.heading,
            letter.lead,
            letter.action,
            letter.reason,
            letter.doubt,
        ]
        .map(fill);
        let not_me_label = texts.not_me_action;
        let (Action::Button(link) | Action::Link(link)) = action;
        let code_line = code.map(|code| format!("{code}\n\n")).unwrap_or_default();
        let not_me_lines =
            not_me.as_ref().map(|link| format!(" {not_me_label}\n{link}")).unwrap_or_default();
        let text = format!(
            "{code_line}{heading}\n\n{lead}\n\n{label}\n{link}\n\n--\n{reason}\n{doubt}{not_me_lines}\n"
        );
        let html = Html {
            language: texts.language,
            subject: &subject,
            preview: &preview,
            code: *code,
            heading: &heading,
            lead: &lead,
            action,
            label: &label,
            reason: &reason,
            doubt: &doubt,
            not_me: not_me.as_deref(),
            not_me_label,
        };
        let html = html.render().expect("every value is a string, and none fails to print");
        Mail { kind, subject, text, html }
    }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
