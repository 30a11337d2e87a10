//! What we say to people, in mails and on pages. One file a language, named in `languages!` below;
//! a missing text does not compile. Knows nothing of databases, mail services and HTTP.

mod en;
mod fr;
mod locale;

/// The words of one language.
pub struct Texts {
    /// BCP 47.
    pub language: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    /// "within one minute", for a number of seconds.
    pub within: fn(u32) -> String,
    /// The mail with a code.
    pub activation: Letter,
    /// The note to the owner of an account.
    pub account_exists: Letter,
    /// The mail with a link to a new password.
    pub new_password: Letter,
    /// The note to an address without an account, for which somebody asked for that link.
    pub no_account: Letter,
    /// The password was changed.
    pub password_changed: Letter,
    /// The account was deleted.
    pub account_deleted: Letter,
    /// What the link of somebody who did not sign up says, in the mails that have one.
    pub not_me_action: &'static str,
    /// What stands on the pages.
    pub pages: PageTexts,
    /// What the pages say when something happens.
    pub script: ScriptTexts,
}

/// The words of one mail. `{code}`, `{within}` and `{address}` are filled in.
pub struct Letter {
    /// What stands in the list of mails.
    pub subject: &'static str,
    /// What a mailbox shows beside the subject.
    pub preview: &'static str,
    /// What the mail is about, above everything else.
    pub heading: &'static str,
    /// What happened, and what to do.
    pub lead: &'static str,
    /// What the button or the link says.
    pub action: &'static str,
    /// Why this mail came.
    pub reason: &'static str,
    /// For somebody who did not ask for it.
    pub doubt: &'static str,
}

/// Texts that are also found by their names, for a template or a script.
macro_rules! named_texts {
    ($(#[$about:meta])* $kind:ident { $($name:ident),+ $(,)? }) => {
        $(#[$about])*
        #[expect(missing_docs, reason = "the names are those in the template and in the script")]
        pub struct $kind { $(pub $name: &'static str),+ }

        impl $kind {
            /// Every text with its name.
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),+]
            }
        }
    };
}

named_texts! {
    /// What stands on the pages: `{{name}}` in a template.
    PageTexts {
        no_script,
        register_title, register_lead, email, password, password_hint, password_own, show,
        register_action, active_hint,
        activate_title, activate_lead, activate_from_mail, code, activate_action,
        other_address, done_title, done_lead,
        not_me_title, not_me_lead, not_me_what, not_me_stops, not_me_waits, not_me_disables,
        not_me_action, not_me_done_title, not_me_done_lead,
        forgot_title, forgot_lead, forgot_action, sent_title, sent_lead, sent_hint,
        reset_title, reset_lead, reset_password, reset_action, reset_done_title, reset_done_lead,
        docs_title,
    }
}

named_texts! {
    /// What the pages say when something happens: `texts.name` in the scripts. `{…}` is filled in.
    ScriptTexts {
        hide, show, working, slow, sent_to, time_left, seconds_left, time_over, resend_action,
        resend_in, resent,
        no_answer, no_link, email_missing, password_missing, code_missing, attempts_none,
        attempts_one, attempts_many, in_seconds, in_minutes, in_hours,
        error_malformed_json, error_invalid_credentials, error_code_incorrect, error_not_activated,
        error_forbidden, error_not_found, error_method_not_allowed, error_already_active,
        error_in_progress, error_code_expired, error_code_exhausted, error_token_invalid,
        error_payload_too_large, error_unsupported_media_type, error_invalid_input,
        error_idempotency_key_reused, error_too_many_requests, error_mail_unavailable,
        error_database_unavailable, error_internal_error,
        field_too_short, field_too_long, field_control_character, field_too_common,
        field_contains_address, field_not_an_address, field_local_part_too_long,
        field_local_part_not_ascii, field_quoted_local_part, field_local_part_dots,
        field_local_part_invalid, field_address_literal, field_domain_incomplete,
        field_domain_invalid, field_code,
    }
}

macro_rules! languages {
    ($($(#[$about:meta])* $locale:ident => $file:ident),+ $(,)?) => {
        /// A language of our mails and pages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Locale { $($(#[$about])* $locale),+ }

        impl Locale {
            /// Every one of them. The first is for whoever names none.
            pub const ALL: &[Self] = &[$(Self::$locale),+];

            /// The words of this language.
            pub fn texts(self) -> &'static Texts {
                match self { $(Self::$locale => &$file::TEXTS),+ }
            }
        }
    };
}

languages! {
    /// English.
    En => en,
    /// French.
    Fr => fr,
}
