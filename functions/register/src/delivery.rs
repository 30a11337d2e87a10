//! Delivers a code's email: composes it, hands it to SES, and records the outcome.

use std::time::Instant;

use shared::{
    domain::{code::ActivationCode, email::Email, token::Token},
    mailer::{Mail, MailedCode, SendOutcome},
    storage::{CodeTimes, Database, FailedMail, Lease, NewCode, StorageError, StoredCode, Taken},
    web::Problem,
};
use uuid::Uuid;

use crate::RegisterApp;

/// The secrets of a code's email, and the row that stores their digests.
pub(crate) struct CodeMail {
    code: ActivationCode,
    not_me: Token,
    pub(crate) row: NewCode,
}

/// An email whose code is stored.
pub(crate) struct Delivery<'a> {
    pub(crate) attempt: Uuid,
    pub(crate) mail: CodeMail,
    pub(crate) stored: StoredCode,
    /// The idempotency key of the sign-up.
    pub(crate) key: Option<Lease<'a>>,
    /// The sign-up's places, given back if SES refuses the email.
    pub(crate) taken: Option<&'a Taken>,
}

impl RegisterApp {
    pub(crate) fn new_code_mail(&self, email: &Email) -> CodeMail {
        let code = ActivationCode::generate(self.settings.rules.code.length);
        let not_me = Token::generate();
        let row = NewCode {
            id: Uuid::now_v7(),
            signed: self.backend.keys.current().sign_code(email, &code),
            not_me_digest: not_me.digest(),
        };
        CodeMail { code, not_me, row }
    }

    /// Sends an email whose code is already stored, because an email must never carry a code that
    /// the database does not know. The code's minute begins when SES accepts the email.
    pub(crate) async fn deliver(
        &self,
        database: &mut Database<'_>,
        email: &Email,
        delivery: Delivery<'_>,
    ) -> Result<CodeTimes, Problem> {
        let stored_since = Instant::now();
        let (error, is_refused) =
            match self.mailer.send(email, self.compose(email, &delivery)).await {
                SendOutcome::Accepted => {
                    return Ok(self.record_hand_off(database, &delivery, stored_since).await);
                }
                SendOutcome::Refused(error) => (error, true),
                SendOutcome::Unknown(error) => (error, false),
            };
        self.record_failure(database, &delivery, is_refused).await?;
        Err(Problem::mail_unavailable(error))
    }

    fn compose(&self, email: &Email, delivery: &Delivery<'_>) -> Mail {
        let Delivery { attempt, mail, stored, .. } = delivery;
        let letterhead = &self.settings.letterhead;
        if stored.has_account {
            return Mail::account_exists(stored.locale, letterhead, &mail.not_me, email);
        }
        let mailed = MailedCode {
            code: &mail.code,
            lifetime_seconds: self.settings.rules.code.lifetime_seconds,
            registration: *attempt,
            not_me: &mail.not_me,
        };
        Mail::activation(stored.locale, letterhead, &mailed, email)
    }

    async fn record_hand_off(
        &self,
        database: &mut Database<'_>,
        delivery: &Delivery<'_>,
        stored_since: Instant,
    ) -> CodeTimes {
        let Delivery { mail, stored, key, .. } = delivery;
        let rules = &self.settings.rules;
        let handed_off =
            database.record_hand_off(&mail.row, rules, *key).await.unwrap_or_else(|error| {
                tracing::warn!(cause = %error, "hand-off not recorded");
                None
            });
        handed_off.unwrap_or_else(|| {
            // SES has the email, so the caller can continue with the stored deadline.
            let elapsed = u32::try_from(stored_since.elapsed().as_secs()).unwrap_or(u32::MAX);
            CodeTimes {
                expires_at: stored.expires_at,
                expires_in: rules.code.lifetime_seconds.saturating_sub(elapsed),
                resend_in: stored.resend_in.saturating_sub(elapsed),
            }
        })
    }

    async fn record_failure(
        &self,
        database: &mut Database<'_>,
        delivery: &Delivery<'_>,
        is_refused: bool,
    ) -> Result<(), StorageError> {
        let Delivery { attempt, mail, stored, taken, key } = delivery;
        let failed = FailedMail {
            attempt: *attempt,
            code: mail.row.id,
            mailed_at: stored.mailed_at,
            is_refused,
            key: *key,
        };
        database.record_failed_hand_off(&failed, *taken).await
    }
}
