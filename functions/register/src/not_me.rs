//! "This wasn't me": the link in every mail.

use shared::{
    domain::{email::Email, token::Token},
    web::{Call, Problem, Reply},
};

use crate::RegisterApp;

impl RegisterApp {
    /// Voids the attempt in whose mail the token stood. The answer and the statements are the
    /// same for a token that nobody was mailed.
    pub(crate) async fn not_me(&self, call: &Call) -> Result<Reply, Problem> {
        let mut fields = call.fields()?;
        let token = fields.text("/token");
        let digest = Token::digest_of(&fields.finish(token)?);

        let mut database = self.backend.database();
        // The limit knows the address as an HMAC only, and the database has no key for it.
        let email = database.find_not_me(&digest).await?;
        let mailbox = email.as_ref().map(Email::mailbox).unwrap_or_default();
        let sign_ups = &self.settings.sign_up_limits.address;
        let sign_ups = sign_ups.place(&self.backend.keys.current(), &[mailbox.as_bytes()]);
        database.not_me(&digest, &sign_ups).await?;
        Ok(Reply::no_content())
    }
}
