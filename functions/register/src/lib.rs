//! Opens sign-up attempts and mails their codes.

mod handlers;
mod mail;
mod not_me;
mod requests;

use lambda_http::{Body, Request, Response};
use shared::{
    authentication::{AddressLimits, PasswordFailures},
    aws::SdkConfig,
    config::{self, Environment, SettingError},
    domain::{code::CodeLength, limits::Limit, network::TrustedCallers},
    http::{Call, Kind, Origins, Problem, Reply, answer},
    mailer::{Links, Mailer},
    secret_key::SecretKey,
    storage::{MailRules, Storage},
};

/// The function: made once per instance, used by every request it serves.
pub struct Register {
    storage: Storage,
    keys: SecretKey,
    mailer: Mailer,
    settings: Settings,
}

struct Settings {
    links: Links,
    origins: Origins,
    trusted_callers: TrustedCallers,
    code_length: CodeLength,
    password_min_length: usize,
    mail_rules: MailRules,
    sign_up_limits: AddressLimits,
    address_guesses: Limit,
    code_guesses: u32,
    password_failures: PasswordFailures,
}

impl Register {
    /// Reads the settings, then connects while the secret key is read.
    pub async fn start(
        environment: &Environment,
        sdk_config: impl Future<Output = SdkConfig>,
    ) -> Result<Self, SettingError> {
        let settings = Settings {
            links: config::links(environment)?,
            origins: config::origins(environment)?,
            trusted_callers: config::trusted_callers(environment)?,
            code_length: config::code_length(environment)?,
            password_min_length: config::password_min_length(environment)?,
            mail_rules: config::mail_rules(environment)?,
            sign_up_limits: config::sign_up_limits(environment)?,
            address_guesses: config::address_guesses(environment)?,
            code_guesses: config::code_guesses(environment)?,
            password_failures: config::password_failures(environment)?,
        };
        let mail = config::mailer(environment)?;
        let sdk_config = sdk_config.await;
        let storage = Storage::new(config::database(environment, &sdk_config)?);
        let keys = SecretKey::load(environment, &sdk_config);
        let (keys, connected) = tokio::join!(keys, config::connect(&storage));
        connected?;
        let mailer = Mailer::new(&sdk_config, mail);
        Ok(Self { storage, keys: keys?, mailer, settings })
    }

    /// Answers one request. Never fails: every failure is an answer.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        self.keys.refresh().await;
        let call = Call::of(&request, &self.settings.trusted_callers);
        answer(&call, &self.settings.origins, self.route(&call)).await
    }

    async fn route(&self, call: &Call<'_>) -> Result<Reply, Problem> {
        match call.path() {
            "/register" => {
                call.expect_method("POST")?;
                self.register(call).await
            }
            "/resend" => {
                call.expect_method("POST")?;
                self.resend(call).await
            }
            "/not-me" => {
                call.expect_method("POST")?;
                self.not_me(call).await
            }
            _ => Err(Problem::new(Kind::NotFound, "There is nothing here.")),
        }
    }
}
