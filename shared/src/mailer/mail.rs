//! Our emails: easy to read, and to copy a code from, within a minute.

use askama::Template;
use uuid::Uuid;
use words::Letter;

use domain::{accent::Accent, code::ActivationCode, email::Email, locale::Locale, token::Token};

use super::letterhead::{Help, Letterhead};

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
        // Most recipients type the code into the page where they signed up. The link is for those
        // who closed it, so it is not a button.
        let action = Action::Link(letterhead.activate(locale, registration, to));
        let note = Draft::note("activation", &texts.activation, action);
        let within = (texts.within)(lifetime_seconds);
        let code = Some((code.expose(), within));
        let not_me = Some(letterhead.not_me(locale, not_me));
        Draft { code, not_me, ..note }.write(locale, letterhead, to)
    }

    /// Tells the owner of an account that someone signed up with its address again.
    pub fn account_exists(
        locale: Locale,
        letterhead: &Letterhead,
        not_me: &Token,
        to: &Email,
    ) -> Self {
        let action = Action::Button(letterhead.sign_in(locale));
        let note = Draft::note("account-exists", &locale.texts().account_exists, action);
        let not_me = Some(letterhead.not_me(locale, not_me));
        let other = Some(letterhead.password(locale));
        Draft { other, not_me, ..note }.write(locale, letterhead, to)
    }

    /// The link to a new password, which works once, for 15 minutes.
    pub fn new_password(
        locale: Locale,
        letterhead: &Letterhead,
        token: &Token,
        to: &Email,
    ) -> Self {
        let action = Action::Button(letterhead.new_password(locale, token, to));
        let note = Draft::note("new-password", &locale.texts().new_password, action);
        note.write(locale, letterhead, to)
    }

    /// Answers a request for a new password to an address without an active account.
    pub fn no_account(locale: Locale, letterhead: &Letterhead, to: &Email) -> Self {
        let action = Action::Button(letterhead.home(locale));
        let note = Draft::note("no-account", &locale.texts().no_account, action);
        note.write(locale, letterhead, to)
    }

    /// Tells the owner of an account that its password was changed.
    pub fn password_changed(locale: Locale, letterhead: &Letterhead, to: &Email) -> Self {
        let action = Action::Button(letterhead.password(locale));
        let note = Draft::note("password-changed", &locale.texts().password_changed, action);
        note.write(locale, letterhead, to)
    }

    /// Tells the former owner of an account that it was deleted.
    pub fn account_deleted(locale: Locale, letterhead: &Letterhead, to: &Email) -> Self {
        // Most owners wanted to leave, so no button invites them back.
        let action = Action::Link(letterhead.home(locale));
        let note = Draft::note("account-deleted", &locale.texts().account_deleted, action);
        note.write(locale, letterhead, to)
    }
}

/// The parts of an email.
struct Draft<'a> {
    kind: &'static str,
    letter: &'a Letter,
    /// The code, and within which time it works.
    code: Option<(&'a str, String)>,
    action: Action,
    /// A second link, less prominent.
    other: Option<String>,
    /// The link for a recipient who did not sign up.
    not_me: Option<String>,
}

/// Where the email leads, and how prominently.
enum Action {
    Button(String),
    Link(String),
}

/// A link with its label.
struct Labelled<'a> {
    label: &'a str,
    link: &'a str,
}

/// What both parts of an email say, filled in.
struct Filled<'a> {
    subject: String,
    preview: String,
    code: Option<&'a str>,
    heading: String,
    lead: String,
    label: String,
    action: &'a Action,
    other: Option<Labelled<'a>>,
    caution: Option<String>,
    reason: String,
    doubt: String,
    not_me: Option<Labelled<'a>>,
    signature: String,
    /// The question before the address of the support.
    ask: &'static str,
    help: Option<Help<'a>>,
}

/// The HTML part. Every value is text, which the template escapes.
#[derive(Template)]
#[template(path = "email.html")]
struct Html<'a> {
    language: &'a str,
    direction: &'a str,
    site: &'a str,
    logo: Option<&'a str>,
    accent: Accent,
    mail: &'a Filled<'a>,
}

impl<'a> Draft<'a> {
    fn note(kind: &'static str, letter: &'a Letter, action: Action) -> Self {
        Self { kind, letter, code: None, action, other: None, not_me: None }
    }

    fn write(&self, locale: Locale, letterhead: &Letterhead, to: &Email) -> Mail {
        let texts = locale.texts();
        let mail = self.filled(locale, letterhead, to);
        let html = Html {
            language: texts.language,
            direction: texts.direction,
            site: &letterhead.brand.site_name,
            logo: letterhead.logo(),
            accent: letterhead.brand.accent,
            mail: &mail,
        };
        let html = html.render().expect("every value is a string, and none fails to print");
        Mail { kind: self.kind, text: mail.text(), html, subject: mail.subject }
    }

    fn filled<'b>(&'b self, locale: Locale, letterhead: &'b Letterhead, to: &Email) -> Filled<'b> {
        let Self { letter, code, action, other, not_me, .. } = self;
        let texts = locale.texts();
        let address = isolated(to.shown());
        // The address last: it may have curly brackets.
        let fill = |text: &str| {
            let (code, within) = code.as_ref().map_or(("", ""), |(code, within)| (code, within));
            text.replace("{code}", code)
                .replace("{within}", within)
                .replace("{site}", &letterhead.brand.site_name)
                .replace("{address}", &address)
        };
        Filled {
            subject: fill(letter.subject),
            preview: fill(letter.preview),
            code: code.as_ref().map(|(code, _)| *code),
            heading: fill(letter.heading),
            lead: fill(letter.lead),
            label: fill(letter.action),
            action,
            other: labelled(letter.other_action, other.as_deref()),
            caution: letter.caution.map(fill),
            reason: fill(letter.reason),
            doubt: fill(letter.doubt),
            not_me: labelled(Some(texts.not_me_action), not_me.as_deref()),
            signature: letterhead.signature(),
            ask: texts.help,
            help: letterhead.help(),
        }
    }
}

impl Filled<'_> {
    /// The text part. Every link is alone on its line, whole, so that a reader sees where it leads.
    fn text(&self) -> String {
        let Self { heading, lead, label, reason, doubt, signature, .. } = self;
        let (Action::Button(link) | Action::Link(link)) = self.action;
        let paragraph = |text: &str| format!("{text}\n\n");
        let code = self.code.map(paragraph).unwrap_or_default();
        let other = self.other.as_ref().map(|it| format!("{}\n{}\n\n", it.label, it.link));
        let other = other.unwrap_or_default();
        let caution = self.caution.as_deref().map(paragraph).unwrap_or_default();
        let not_me = self.not_me.as_ref().map(|it| format!(" {}\n{}", it.label, it.link));
        let not_me = not_me.unwrap_or_default();
        let help = self.help.as_ref().map(|help| format!("{} {}\n", self.ask, help.in_text()));
        let help = help.unwrap_or_default();
        format!(
            "{code}{heading}\n\n{lead}\n\n{label}\n{link}\n\n{other}{caution}--\n\
             {reason}\n{doubt}{not_me}\n\n{signature}\n{help}"
        )
    }
}

fn labelled<'a>(label: Option<&'a str>, link: Option<&'a str>) -> Option<Labelled<'a>> {
    Some(Labelled { label: label?, link: link? })
}

/// An address in other letters than ours between marks that keep it apart (UAX #9), so that Arabic
/// does not reorder the sentence around it.
fn isolated(address: String) -> String {
    if address.is_ascii() { address } else { format!("\u{2068}{address}\u{2069}") }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
