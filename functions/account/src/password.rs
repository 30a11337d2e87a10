//! Password reset by email, and the check of the current password.

use serde_json::json;
use shared::{
    authentication::{Proven, check_current},
    domain::{
        credentials::Credentials,
        email::Email,
        password::{NewPassword, Password},
        token::Token,
    },
    hashing,
    mailer::{Mail, SendOutcome},
    process::metrics::{self, Count},
    storage::{Database, LinkOwner},
    web::{Call, FieldError, Kind, Problem, Reply, sentence},
};

use crate::{AccountApp, SignedIn};

impl AccountApp {
    /// Emails a link to the owner of an active account, and a note to any other address. Response,
    /// work and number of emails are the same.
    pub(crate) async fn forgot(&self, call: &Call) -> Result<Reply, Problem> {
        let mut fields = call.fields()?;
        let email = fields.email("/email");
        let email = fields.finish(email)?;

        let mut database = self.backend.database();
        let (limits, keys) = (&self.settings.sign_up_limits, self.backend.keys.current());
        let taken = limits.take(&mut database, &keys, &email, &call.network).await?;
        let link = Token::generate();
        let digest = link.digest();
        let letterhead = &self.settings.letterhead;
        let mail = match database.open_link(&email, &digest, &taken).await? {
            Some(locale) => Mail::new_password(locale, letterhead, &link, &email),
            None => Mail::no_account(call.preferred_locale(), letterhead, &email),
        };
        match self.mailer.send(&email, mail).await {
            SendOutcome::Accepted => Ok(Reply::accepted(&json!({ "email": email.as_str() }))),
            SendOutcome::Refused(error) => {
                database.void_link(&digest, &taken).await?;
                Err(Problem::mail_unavailable(error))
            }
            SendOutcome::Unknown(error) => Err(Problem::mail_unavailable(error)),
        }
    }

    /// Changes the password of the account whose owner was sent this token. Every session ends.
    pub(crate) async fn reset(&self, call: &Call) -> Result<Reply, Problem> {
        let mut fields = call.fields()?;
        let token = fields.text("/token");
        let password = fields.text("/password");
        let min_length = self.settings.password_min_length;
        // The rules that do not depend on the address, which is not known yet.
        let chosen = password.filter(|text| fields.new_password(text, None, min_length).is_some());
        let (token, password) = fields.finish(token.zip(chosen))?;

        let digest = Token::digest_of(&token);
        let mut database = self.backend.database();
        let LinkOwner { email, locale } =
            database.find_link(&digest).await?.ok_or_else(invalid_token)?;
        let password = parse_new_password(&password, &email, min_length)?;
        let hash = hashing::hash(password).await?;
        if !database.use_link(&digest, &hash).await? {
            return Err(invalid_token());
        }
        metrics::count(Count::PasswordsChanged);
        self.notify(&email, Mail::password_changed(locale, &self.settings.letterhead, &email))
            .await;
        Ok(Reply::no_content())
    }

    /// Checks the current password of a signed-in owner, under a limit: a stolen session must not
    /// let an attacker guess the password.
    pub(crate) async fn prove_current(
        &self,
        database: &mut Database<'_>,
        signed_in: &SignedIn,
        current: &str,
    ) -> Result<Proven, Problem> {
        let wrong_password = || {
            metrics::count(Count::PasswordFailures);
            let detail = "This is not your current password.".to_owned();
            let pointer = "/current_password";
            Problem::invalid_input(&[FieldError { pointer, code: "wrong-password", detail }])
        };
        let password = Password::from_typed(current).ok_or_else(wrong_password)?;
        let account = &signed_in.account;
        let credentials = Credentials { email: account.email.clone(), password };
        let keys = self.backend.keys.current();
        let limit =
            self.settings.account_password_limit.for_subject(&keys, &[account.id.as_bytes()]);
        let proven = check_current(database, limit, account.id, credentials).await?;
        proven.ok_or_else(wrong_password)
    }

    /// Notifies the owner of a change. The change stands even if the email fails.
    pub(crate) async fn notify(&self, email: &Email, mail: Mail) {
        if let SendOutcome::Refused(error) | SendOutcome::Unknown(error) =
            self.mailer.send(email, mail).await
        {
            tracing::warn!(cause = %error, "owner not notified");
        }
    }
}

/// Applies all password rules, including those that depend on the address.
pub(crate) fn parse_new_password(
    text: &str,
    email: &Email,
    min: usize,
) -> Result<NewPassword, Problem> {
    NewPassword::parse(text, Some(email), min).map_err(|error| {
        let detail = sentence(&error);
        Problem::invalid_input(&[FieldError { pointer: "/password", code: error.code(), detail }])
    })
}

fn invalid_token() -> Problem {
    let detail = "This link has been used, or is older than 15 minutes, or the password has \
                  changed in the meantime. Request a new link.";
    Problem::new(Kind::TokenInvalid, detail)
}
