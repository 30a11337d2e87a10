//! Opens sign-up attempts and mails their codes.

mod handlers;
mod mail;
mod not_me;
mod requests;

use shared::{
    authentication::{AddressLimits, PasswordFailures},
    aws::SdkConfig,
    backend::Backend,
    config,
    domain::{code::CodeLength, limits::Limit},
    mailer::{Links, Mailer},
    process::{Environment, SettingError},
    storage::MailRules,
    web::{App, Door, Route},
};

/// The function: made once per instance, used by every request it serves.
pub struct Register {
    backend: Backend,
    mailer: Mailer,
    settings: Settings,
}

struct Settings {
    links: Links,
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
        let backend = Backend::start(environment, &sdk_config).await?;
        let mailer = Mailer::new(&sdk_config, mail);
        Ok(Self { backend, mailer, settings })
    }
}

impl App for Register {
    const ROUTES: &'static [Route<Self>] = &[
        Route::<Self>::post("/register", |app, call| Box::pin(app.register(call))),
        Route::<Self>::post("/resend", |app, call| Box::pin(app.resend(call)))
            .with_basic()
            .with_optional_body(),
        Route::<Self>::post("/not-me", |app, call| Box::pin(app.not_me(call))).beside_page(),
    ];

    fn door(&self) -> &Door {
        &self.backend.door
    }

    async fn prepare(&self) {
        self.backend.keys.refresh().await;
    }
}
