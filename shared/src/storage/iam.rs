//! IAM tokens: passwords for RDS that are valid for 15 minutes and signed locally, without a call.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html>

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials as _, SharedCredentialsProvider},
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use lambda_http::http;
use secrecy::SecretString;
use tokio::time::timeout;

/// The maximum that RDS allows.
const TOKEN_LIFETIME: Duration = Duration::from_mins(15);

/// RDS does not throttle connections that reuse a token, so a token is reused, but not until its
/// very end.
const RENEWAL: Duration = Duration::from_mins(10);

/// On Lambda, credentials come from the environment; elsewhere the SDK may have to request them.
const CREDENTIALS_DEADLINE: Duration = Duration::from_secs(2);

/// Signs tokens for one user of one database.
pub(crate) struct IamTokens {
    pub(crate) credentials: SharedCredentialsProvider,
    pub(crate) region: String,
    pub(crate) user: String,
    /// `host:port`, as in the certificate and the signature.
    pub(crate) endpoint: String,
    pub(crate) current: Mutex<Option<Token>>,
}

pub(crate) struct Token {
    text: SecretString,
    renew_at: SystemTime,
}

#[derive(Debug, thiserror::Error)]
#[error("no IAM token for the database: {0}")]
pub struct IamError(&'static str);

impl IamTokens {
    /// Ensures that a valid token exists.
    pub(super) async fn renew(&self) -> Result<(), IamError> {
        // Not PostgreSQL's clock: AWS compares the signature's time with its own clock.
        let now = SystemTime::now();
        if self.lock().as_ref().is_some_and(|token| token.is_good(now)) {
            return Ok(());
        }
        let credentials = timeout(CREDENTIALS_DEADLINE, self.credentials.provide_credentials());
        let credentials = credentials
            .await
            .map_err(|_| IamError("the AWS credentials did not come in time"))?
            .map_err(|_| IamError("no AWS credentials were found"))?;
        let token = Token {
            text: self.sign(&credentials, now)?.into(),
            renew_at: renew_at(now, credentials.expiry()),
        };
        *self.lock() = Some(token);
        Ok(())
    }

    /// The token as a password; `None` before the first [`IamTokens::renew`].
    pub(super) fn password(&self) -> Option<SecretString> {
        self.lock().as_ref().map(|token| token.text.clone())
    }

    /// Makes the next connection use a new token.
    pub(super) fn forget(&self) {
        *self.lock() = None;
    }

    /// A presigned request that is never sent: RDS verifies its signature (`SigV4`, query
    /// parameters).
    pub(crate) fn sign(
        &self,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<String, IamError> {
        let unsigned = |_| IamError("it could not be signed");
        let url = format!("https://{}/?Action=connect&DBUser={}", self.endpoint, self.user);
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(TOKEN_LIFETIME);
        let identity = credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("rds-db")
            .time(now)
            .settings(settings)
            .build()
            .map_err(|_| IamError("it could not be signed"))?
            .into();
        let body = SignableBody::Bytes(&[]);
        let request =
            SignableRequest::new("GET", &url, std::iter::empty(), body).map_err(unsigned)?;
        let (instructions, _) = sign(request, &parameters).map_err(unsigned)?.into_parts();
        let mut signed = http::Request::get(&url)
            .body(())
            .map_err(|_| IamError("the database endpoint is not a valid host"))?;
        instructions.apply_to_request_http1x(&mut signed);
        let signed = signed.uri().to_string();
        Ok(signed.trim_start_matches("https://").to_owned())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Token>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Token {
    fn is_good(&self, now: SystemTime) -> bool {
        now < self.renew_at
    }
}

/// A token is not valid for longer than the credentials that signed it.
fn renew_at(now: SystemTime, credentials_end: Option<SystemTime>) -> SystemTime {
    let renewal = now + RENEWAL;
    credentials_end.map_or(renewal, |end| end.min(renewal))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use secrecy::ExposeSecret as _;

    use super::*;

    fn tokens() -> IamTokens {
        let credentials = Credentials::new("akid", "secret", None, None, "test");
        IamTokens {
            credentials: SharedCredentialsProvider::new(credentials),
            region: "us-east-1".to_owned(),
            user: "peccy".to_owned(),
            endpoint: "prod-instance.us-east-1.rds.amazonaws.com:3306".to_owned(),
            current: Mutex::default(),
        }
    }

    /// The example of `aws_sdk_rds::auth_token`, which is too large a crate for one signature.
    #[test]
    fn a_token_is_the_one_that_the_aws_sdk_makes() {
        let credentials = Credentials::new("akid", "secret", None, None, "test");
        // 26 August 2024, 22:00.
        let now = UNIX_EPOCH + Duration::from_hours(479_086);
        assert_eq!(
            tokens().sign(&credentials, now).unwrap(),
            "prod-instance.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=peccy\
             &X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=akid%2F20240826%2Fus-east-1%2Frds-db%2Faws4_request\
             &X-Amz-Date=20240826T220000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=dd0cba843009474347af724090233265628ace491ea17ce3eb3da098b983ad89"
        );
    }

    #[test]
    fn a_token_is_renewed_after_ten_minutes_and_never_outlives_its_credentials() {
        let now = UNIX_EPOCH + Duration::from_hours(1);
        let in_minutes = |minutes| now + Duration::from_mins(minutes);
        assert_eq!(renew_at(now, None), in_minutes(10));
        assert_eq!(renew_at(now, Some(in_minutes(60))), in_minutes(10));
        assert_eq!(renew_at(now, Some(in_minutes(3))), in_minutes(3));
        let token = Token { text: "token".into(), renew_at: in_minutes(10) };
        assert!(token.is_good(in_minutes(9)) && !token.is_good(in_minutes(10)));
    }

    #[tokio::test]
    async fn a_good_token_is_used_again() {
        let tokens = tokens();
        assert!(tokens.password().is_none());
        tokens.renew().await.unwrap();
        let first = tokens.password().unwrap().expose_secret().to_owned();
        tokens.renew().await.unwrap();
        assert_eq!(tokens.password().unwrap().expose_secret(), first);
    }
}
