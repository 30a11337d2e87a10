//! A mail's way: stored, handed off, and what is undone when it was not accepted.

use std::time::Instant;

use shared::{
    domain::{code::ActivationCode, email::Email, token::Token},
    mailer::{Mail, MailError, SendOutcome},
    storage::{CodeTimes, Database, Lease, NewCode, StoredCode, Taken},
    web::Problem,
};
use uuid::Uuid;

use crate::RegisterApp;

/// A code and a token, and what is stored of them.
pub(crate) struct NewMail {
    code: ActivationCode,
    not_me: Token,
    pub(crate) stored: NewCode,
}

/// A mail whose code the database knows.
pub(crate) struct Delivery<'a> {
    pub(crate) attempt: Uuid,
    pub(crate) mail: NewMail,
    pub(crate) stored: StoredCode,
    /// The idempotency key of the sign-up.
    pub(crate) key: Option<Lease<'a>>,
    /// The sign-up's places, given back when SES refuses.
    pub(crate) taken: Option<&'a Taken>,
}

impl RegisterApp {
    /// A new code for this address, and what is stored of it.
    pub(crate) fn new_mail(&self, email: &Email) -> NewMail {
        let code = ActivationCode::generate(self.settings.rules.code.length);
        let not_me = Token::generate();
        let stored = NewCode {
            id: Uuid::now_v7(),
            signed: self.backend.keys.current().sign_code(email, &code),
            not_me_digest: not_me.digest(),
        };
        NewMail { code, not_me, stored }
    }

    /// Mails what is stored: commit first, then send, since a mail must never carry a code that
    /// the database does not know. The code's minute begins when SES has the mail.
    pub(crate) async fn deliver(
        &self,
        database: &mut Database<'_>,
        email: &Email,
        delivery: Delivery<'_>,
    ) -> Result<CodeTimes, Problem> {
        let stored_since = Instant::now();
        match self.mailer.send(email, self.write(email, &delivery)).await {
            SendOutcome::Accepted => Ok(self.start_minute(database, &delivery, stored_since).await),
            SendOutcome::Refused(error) => self.undo(database, &delivery, error, true).await,
            SendOutcome::Unknown(error) => self.undo(database, &delivery, error, false).await,
        }
    }

    fn write(&self, email: &Email, delivery: &Delivery<'_>) -> Mail {
        let Delivery { attempt, mail, stored, .. } = delivery;
        let links = &self.settings.links;
        if stored.is_known {
            return Mail::account_exists(stored.locale, (links, &mail.not_me), email);
        }
        let lifetime = self.settings.rules.code.lifetime_seconds;
        Mail::activation(
            stored.locale,
            &mail.code,
            lifetime,
            (links, *attempt, &mail.not_me),
            email,
        )
    }

    async fn start_minute(
        &self,
        database: &mut Database<'_>,
        delivery: &Delivery<'_>,
        stored_since: Instant,
    ) -> CodeTimes {
        let Delivery { mail, stored, key, .. } = delivery;
        let rules = &self.settings.rules;
        let handed_off =
            database.record_hand_off(&mail.stored, rules, *key).await.unwrap_or_else(|error| {
                tracing::warn!(cause = %error, "hand-off not recorded");
                None
            });
        handed_off.unwrap_or_else(|| {
            // The mail is on its way: the caller can go on with the deadline that is stored.
            let elapsed = u32::try_from(stored_since.elapsed().as_secs()).unwrap_or(u32::MAX);
            CodeTimes {
                expires_at: stored.expires_at,
                expires_in: rules.code.lifetime_seconds.saturating_sub(elapsed),
                resend_in: stored.resend_in.saturating_sub(elapsed),
            }
        })
    }

    async fn undo(
        &self,
        database: &mut Database<'_>,
        delivery: &Delivery<'_>,
        error: MailError,
        is_refused: bool,
    ) -> Result<CodeTimes, Problem> {
        let Delivery { attempt, mail, stored, taken, key } = delivery;
        let failed = shared::storage::FailedMail {
            attempt: *attempt,
            code: mail.stored.id,
            mailed_at: stored.mailed_at,
            is_refused,
            key: *key,
        };
        database.record_failed_hand_off(&failed, *taken).await?;
        Err(Problem::mail_unavailable(error))
    }
}
