//! `POST /not-me`: the "this wasn't me" link in the emails of a sign-up.

use shared::{
    domain::{email::Email, token::Token},
    web::{Call, Problem, Reply},
};

use crate::RegisterApp;

impl RegisterApp {
    /// Voids the attempt whose email contained the token, or disables the account that it became.
    /// Response and statements are the same for an unknown token.
    pub(crate) async fn not_me(&self, call: &Call) -> Result<Reply, Problem> {
        let mut fields = call.fields()?;
        let token = fields.text("/token");
        let digest = Token::digest_of(&fields.finish(token)?);

        let mut database = self.backend.database();
        // The limit stores the address as an HMAC, for which the database has no key.
        let email = database.find_not_me(&digest).await?;
        let mailbox = email.as_ref().map(Email::mailbox).unwrap_or_default();
        let sign_ups = &self.settings.sign_up_limits.address;
        let sign_ups = sign_ups.for_subject(&self.backend.keys.current(), &[mailbox.as_bytes()]);
        database.not_me(&digest, &sign_ups).await?;
        Ok(Reply::no_content())
    }
}
