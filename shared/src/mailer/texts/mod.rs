//! The words of our mails. One file a language; a missing text does not compile.

mod en;
mod fr;

use crate::domain::locale::Locale;

/// The words of one language.
pub(super) struct Texts {
    /// BCP 47.
    pub(super) language: &'static str,
    /// "within one minute", for a number of seconds.
    pub(super) within: fn(u32) -> String,
    pub(super) activation: Letter,
    pub(super) account_exists: Letter,
}

/// The words of one mail. `{code}`, `{within}` and `{address}` are filled in.
pub(super) struct Letter {
    pub(super) subject: &'static str,
    /// What a mailbox shows beside the subject.
    pub(super) preview: &'static str,
    pub(super) lead: &'static str,
    pub(super) action: &'static str,
    /// Why this mail came.
    pub(super) reason: &'static str,
    pub(super) doubt: &'static str,
    pub(super) doubt_action: &'static str,
}

pub(super) fn texts(locale: Locale) -> &'static Texts {
    match locale {
        Locale::En => &en::TEXTS,
        Locale::Fr => &fr::TEXTS,
    }
}
