//! The texts of our emails and pages. Each language is one file, named in `languages!` below; a missing
//! text does not compile. Knows nothing of databases, mail services and HTTP.

mod en;
mod fr;
mod locale;

/// All texts in one language.
pub struct Texts {
    /// Its tag (BCP 47).
    pub language: &'static str,
    /// Its own name for itself.
    pub name: &'static str,
    /// The direction of its script, as HTML's `dir` has it.
    pub direction: &'static str,
    /// "within one minute", for a number of seconds.
    pub within: fn(u32) -> String,
    /// Carries an activation code.
    pub activation: Letter,
    /// Answers a sign-up for an address that already has an account.
    pub account_exists: Letter,
    /// Carries a link that resets the password.
    pub new_password: Letter,
    /// Answers a request for that link when the address has no active account.
    pub no_account: Letter,
    /// Tells the owner that the password was changed.
    pub password_changed: Letter,
    /// Tells the owner that the account was deleted.
    pub account_deleted: Letter,
    /// The "this wasn't me" link, in the emails that a sign-up causes.
    pub not_me_action: &'static str,
    /// Before the address of the site's support, in every email.
    pub help: &'static str,
    /// Texts in the HTML of the pages.
    pub pages: PageTexts,
    /// Texts that the scripts of the pages show.
    pub script: ScriptTexts,
}

/// The texts of one email. The mailer fills in `{code}`, `{within}`, `{site}` and `{address}`.
pub struct Letter {
    /// The subject line.
    pub subject: &'static str,
    /// What a mailbox shows beside the subject.
    pub preview: &'static str,
    /// The headline.
    pub heading: &'static str,
    /// What happened, and what to do.
    pub lead: &'static str,
    /// The label of the button or link.
    pub action: &'static str,
    /// The label of a second link.
    pub other_action: Option<&'static str>,
    /// What the site never asks for, in an email that carries a code or a link to a new password.
    pub caution: Option<&'static str>,
    /// Why the recipient gets this email.
    pub reason: &'static str,
    /// For a recipient who did not ask for it.
    pub doubt: &'static str,
}

/// Texts that a template or a script finds by name.
macro_rules! named_texts {
    ($(#[$about:meta])* $kind:ident { $($name:ident),+ $(,)? }) => {
        $(#[$about])*
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
    /// Texts in the HTML of the pages: `{{name}}` in a template. The settings fill in `{length}`, `{min}`
    /// and `{within}`.
    PageTexts {
        no_script,
        register_title, register_lead, email, password, password_hint, password_own,
        register_action, active_hint, no_email_hint,
        activate_title, activate_from_mail, code, time_left,
        activate_action, other_address, done_title, done_lead, late, support,
        back_to_login, sign_in_instead, sign_up_instead, login_title, login_action,
        me_title, me_loading, reload, me_locale, me_locale_action, me_password, me_current,
        me_password_action, sign_out, delete_title, delete_lead, delete_devices, delete_again,
        delete_action, delete_keep, deleted_title, deleted_lead,
        not_me_title, not_me_lead, not_me_what, not_me_stops, not_me_waits, not_me_disables,
        not_me_action, not_me_done_title, not_me_done_lead,
        forgot_title, forgot_lead, forgot_action, sent_title, sent_lead, sent_hint,
        reset_title, reset_lead, reset_password, reset_action, reset_done_title, reset_done_lead,
        nothing_title, nothing_lead, docs_title,
    }
}

named_texts! {
    /// Texts that the scripts show by name. The settings fill in `{length}` and `{min}`, the scripts
    /// the rest.
    ScriptTexts {
        show, hide, show_password, hide_password,
        working, slow, sent_to, seconds_left, resend_action, resend_in, resent, code_dead, last_code,
        sign_up_again, not_active_yet, password_again, signing_in, signed_out, session_over,
        error_no_cookie, account_blocked, login_failed, welcome, locale_saved, password_saved,
        current_missing, no_answer, no_link, email_missing, password_missing, new_missing, attempts_none,
        attempts_one, attempts_many,
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
        field_domain_invalid, field_wrong_password, field_code,
    }
}

macro_rules! languages {
    ($($(#[$about:meta])* $locale:ident => $file:ident),+ $(,)?) => {
        /// A language of our emails and pages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Locale { $($(#[$about])* $locale),+ }

        impl Locale {
            /// All languages. The first is the default.
            pub const ALL: &[Self] = &[$(Self::$locale),+];

            /// The texts in this language.
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
