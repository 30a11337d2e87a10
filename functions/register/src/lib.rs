//! The function `register`: opens sign-up attempts, emails their codes, and handles "this wasn't
//! me".

mod delivery;
mod handlers;
mod not_me;
mod sign_up;

use shared::{
    authentication::{AddressLimits, PasswordLimits},
    aws::SdkConfig,
    backend::Backend,
    config,
    domain::{attempt::AttemptRules, limits::Limit},
    mailer::{Letterhead, Mailer},
    process::{Environment, SettingError, rules},
    web::{App, Door, Route},
};

/// Created once per instance and shared by every request that it serves.
pub struct RegisterApp {
    backend: Backend,
    mailer: Mailer,
    settings: Settings,
}

struct Settings {
    letterhead: Letterhead,
    rules: AttemptRules,
    password_min_length: usize,
    sign_up_limits: AddressLimits,
    address_guesses: Limit,
    password_limits: PasswordLimits,
}

impl RegisterApp {
    /// Reads the settings, then connects and reads the secret key at the same time.
    pub async fn start(
        environment: &Environment,
        sdk_config: &SdkConfig,
    ) -> Result<Self, SettingError> {
        let settings = Settings {
            letterhead: config::letterhead(environment)?,
            rules: config::attempt_rules(environment)?,
            password_min_length: rules::password_min_length(environment)?,
            sign_up_limits: config::sign_up_limits(environment)?,
            address_guesses: config::address_guesses(environment)?,
            password_limits: config::password_limits(environment)?,
        };
        let mail = config::mailer(environment)?;
        let backend = Backend::start(environment, sdk_config).await?;
        let mailer = Mailer::new(sdk_config, mail);
        Ok(Self { backend, mailer, settings })
    }
}

impl App for RegisterApp {
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
