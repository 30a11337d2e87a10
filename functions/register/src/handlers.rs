//! `POST /register` and `POST /resend`.

use serde::Serialize;
use shared::{
    authentication::{Check, Proven},
    domain::email::Email,
    hashing,
    process::metrics::{self, Count},
    storage::{CodeTimes, Database, KeyClaim, KeyOutcome, Lease, NewAttempt, ResendOutcome, Taken},
    web::{Call, Kind, Problem, Reply, Timestamp},
};
use uuid::Uuid;

use crate::{RegisterApp, delivery::Delivery, sign_up::SignUp};

/// The response to a sign-up and to a resend.
#[derive(Serialize)]
struct Accepted<'a> {
    registration: Uuid,
    email: &'a str,
    expires_at: Timestamp,
    expires_in: u32,
    resend_in: u32,
}

/// The next email of an attempt.
struct NextCode<'a> {
    attempt: Uuid,
    email: &'a Email,
    /// The idempotency key of a sign-up that is repeated.
    key: Option<Lease<'a>>,
    /// The places that a password check took.
    taken: Option<&'a Taken>,
}

impl RegisterApp {
    /// Opens an attempt and emails its code, or, to the owner of an active account, a note.
    ///
    /// Response, work and number of emails are the same in both cases, so that an attacker cannot
    /// find out who has an account.
    pub(crate) async fn register(&self, call: &Call) -> Result<Reply, Problem> {
        let sign_up = SignUp::parse(call, self.settings.password_min_length)?;
        let mut database = self.backend.database();
        let keys = self.backend.keys.current();
        let limits = &self.settings.sign_up_limits;
        let Some(key) = sign_up.key() else {
            let taken = limits.take(&mut database, &keys, &sign_up.email, &call.network).await?;
            return self.open(&mut database, &sign_up, &taken, None).await;
        };

        let claim = KeyClaim {
            key,
            payload_macs: &sign_up.macs(&keys),
            attempt_mails: self.settings.rules.resend.attempt_mails,
            sign_up: &limits.for_request(&keys, &sign_up.email, &call.network),
            failure: &self.settings.password_limits.unnamed.for_request(
                &keys,
                &sign_up.email,
                &call.network,
            ),
        };
        match database.claim_key(&claim).await? {
            KeyOutcome::Fresh(taken, lease) => {
                let outcome = self.open(&mut database, &sign_up, &taken, Some(lease)).await;
                release_on_failure(outcome, &mut database, lease).await
            }
            KeyOutcome::Resume(attempt, lease) => {
                // The sign-up already has its places.
                let next =
                    NextCode { attempt, email: &sign_up.email, key: Some(lease), taken: None };
                let outcome = self.send_again(&mut database, &next).await;
                release_on_failure(outcome, &mut database, lease).await
            }
            KeyOutcome::Refused { retry_after } => Err(Problem::too_many_requests(retry_after)),
            KeyOutcome::Done { registration, expires_at, expires_in, resend_in } => {
                let times = CodeTimes { expires_at, expires_in, resend_in };
                Ok(accepted(registration, &sign_up.email, &times))
            }
            KeyOutcome::Running => Err(Problem::new(
                Kind::InProgress,
                "The first request with this Idempotency-Key is still running. Try again soon.",
            )),
            KeyOutcome::Reused => Err(Problem::new(
                Kind::IdempotencyKeyReused,
                "This Idempotency-Key was used with another payload before. Use a new key.",
            )),
        }
    }

    async fn open(
        &self,
        database: &mut Database<'_>,
        sign_up: &SignUp,
        taken: &Taken,
        key: Option<Lease<'_>>,
    ) -> Result<Reply, Problem> {
        let password_hash = hashing::hash(sign_up.password.clone()).await?;
        let mailbox = sign_up.email.mailbox();
        let address_guesses = self
            .settings
            .address_guesses
            .for_subject(&self.backend.keys.current(), &[mailbox.as_bytes()]);
        let attempt = NewAttempt {
            id: Uuid::now_v7(),
            email: &sign_up.email,
            password_hash: &password_hash,
            locale: sign_up.locale,
            address_guesses: &address_guesses,
            places: taken,
            key,
        };
        let mail = self.new_code_mail(&sign_up.email);
        let stored = database.sign_up(&attempt, &mail.row, &self.settings.rules).await?;

        let delivery = Delivery { attempt: attempt.id, mail, stored, key, taken: Some(taken) };
        let times = self.deliver(database, &sign_up.email, delivery).await?;
        metrics::count(Count::Registrations);
        Ok(accepted(attempt.id, &sign_up.email, &times))
    }

    /// Emails a new code for an attempt. Earlier codes stay valid until their own deadline.
    pub(crate) async fn resend(&self, call: &Call) -> Result<Reply, Problem> {
        let mut fields = call.optional_fields()?;
        let registration = fields.registration();
        fields.finish(Some(()))?;
        let credentials = call.credentials()?;
        let email = credentials.email.clone();

        let mut database = self.backend.database();
        let check = Check { credentials, registration, network: &call.network, code_macs: &[] };
        let limits = &self.settings.password_limits;
        let proven = limits.check(&mut database, &self.backend.keys.current(), check).await?;
        let Proven { id, taken, .. } = proven.ok_or_else(Problem::invalid_credentials)?;
        let next = NextCode { attempt: id, email: &email, key: None, taken: Some(&taken) };
        self.send_again(&mut database, &next).await
    }

    /// Stores and emails a new code, if the cooldown and the limit on emails allow it.
    async fn send_again(
        &self,
        database: &mut Database<'_>,
        next: &NextCode<'_>,
    ) -> Result<Reply, Problem> {
        let NextCode { attempt, email, key, taken } = *next;
        let mail = self.new_code_mail(email);
        match database.resend(attempt, &mail.row, &self.settings.rules, taken).await? {
            ResendOutcome::Stored(stored) => {
                let delivery = Delivery { attempt, mail, stored, key, taken: None };
                let times = self.deliver(database, email, delivery).await?;
                metrics::count(Count::Resends);
                Ok(accepted(attempt, email, &times))
            }
            ResendOutcome::AlreadyActive => Err(Problem::already_active()),
            ResendOutcome::TooEarly { resend_in } => {
                Err(Problem::too_many_requests(resend_in.max(1)))
            }
            ResendOutcome::Gone => Err(Problem::invalid_credentials()),
        }
    }
}

/// Lets the caller repeat a failed request at once. Otherwise the repetition would have to wait
/// until the key's lease ends.
async fn release_on_failure(
    outcome: Result<Reply, Problem>,
    database: &mut Database<'_>,
    lease: Lease<'_>,
) -> Result<Reply, Problem> {
    if outcome.is_err() {
        let _ = database.release_key(lease).await;
    }
    outcome
}

fn accepted(registration: Uuid, email: &Email, times: &CodeTimes) -> Reply {
    Reply::accepted(&Accepted {
        registration,
        email: email.as_str(),
        expires_at: Timestamp(times.expires_at),
        expires_in: times.expires_in,
        resend_in: times.resend_in,
    })
}
