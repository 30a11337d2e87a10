//! A way back for whoever has forgotten the password, and a new one for whoever has not.

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
    web::{Call, FieldError, Kind, Problem, Reply},
};

use crate::{AccountApp, SignedIn};

impl AccountApp {
    /// Mails a link to the owner of an active account, and a note to anybody else: the answer, the
    /// work and the number of mails are the same.
    pub(crate) async fn forgot(&self, call: &Call) -> Result<Reply, Problem> {
        let mut fields = call.fields()?;
        let email = fields.email("/email");
        let email = fields.finish(email)?;

        let mut database = self.backend.database();
        let (limits, keys) = (&self.settings.sign_up_limits, self.backend.keys.current());
        let taken = limits.take(&mut database, &keys, &email, &call.network).await?;
        let link = Token::generate();
        let digest = link.digest();
        let links = &self.settings.links;
        let mail = match database.open_link(&email, &digest, &taken).await? {
            Some(locale) => Mail::new_password(locale, (links, &link), &email),
            None => Mail::no_account(call.preferred_locale(), links, &email),
        };
        match self.mailer.send(&email, mail).await {
            SendOutcome::Accepted => Ok(Reply::accepted(&json!({ "email": email.as_str() }))),
            SendOutcome::Refused(error) => {
                database.link_refused(&digest, &taken).await?;
                Err(Problem::mail_unavailable(error))
            }
            SendOutcome::Unknown(error) => Err(Problem::mail_unavailable(error)),
        }
    }

    /// Changes the password of whoever was mailed this token. Every session ends.
    pub(crate) async fn reset(&self, call: &Call) -> Result<Reply, Problem> {
        let mut fields = call.fields()?;
        let token = fields.text("/token");
        let password = fields.text("/password");
        let min_length = self.settings.password_min_length;
        // What is wrong with it for everybody, whoever that is.
        let chosen = password.filter(|text| fields.new_password(text, None, min_length).is_some());
        let (token, password) = fields.finish(token.zip(chosen))?;

        let digest = Token::digest_of(&token);
        let mut database = self.backend.database();
        let LinkOwner { email, locale } =
            database.find_link(&digest).await?.ok_or_else(invalid_token)?;
        let password = choose(&password, &email, min_length)?;
        let hash = hashing::hash(password).await?;
        if !database.use_link(&digest, &hash).await? {
            return Err(invalid_token());
        }
        metrics::count(Count::PasswordsChanged);
        self.tell(&email, Mail::password_changed(locale, &self.settings.links, &email)).await;
        Ok(Reply::no_content())
    }

    /// Checks the current password of an owner who is signed in: under a limit, because a stolen
    /// session must not be a way to find the password out.
    pub(crate) async fn prove_current(
        &self,
        database: &mut Database<'_>,
        signed_in: &SignedIn,
        current: &str,
    ) -> Result<Proven, Problem> {
        let wrong = || {
            metrics::count(Count::PasswordFailures);
            let detail = "This is not your current password.".to_owned();
            let pointer = "/current_password";
            Problem::invalid_input(&[FieldError { pointer, code: "wrong-password", detail }])
        };
        let password = Password::from_typed(current).ok_or_else(wrong)?;
        let account = &signed_in.account;
        let credentials = Credentials { email: account.email.clone(), password };
        let (limit, keys) = (&self.settings.account_password_failures, self.backend.keys.current());
        check_current(limit, database, &keys, account.id, credentials).await?.ok_or_else(wrong)
    }

    /// Tells the owner what has been done. It is done, whether or not the mail leaves.
    pub(crate) async fn tell(&self, email: &Email, mail: Mail) {
        if let SendOutcome::Refused(error) | SendOutcome::Unknown(error) =
            self.mailer.send(email, mail).await
        {
            tracing::warn!(cause = %error, "owner not told");
        }
    }
}

/// A password that the owner of this address may have.
pub(crate) fn choose(text: &str, email: &Email, min: usize) -> Result<NewPassword, Problem> {
    NewPassword::parse(text, Some(email), min).map_err(|error| {
        let detail = error.to_string();
        Problem::invalid_input(&[FieldError { pointer: "/password", code: error.code(), detail }])
    })
}

fn invalid_token() -> Problem {
    let detail = "This link has been used, or is older than 15 minutes, or the password has \
                  changed meanwhile. Ask for a new one.";
    Problem::new(Kind::TokenInvalid, detail)
}
