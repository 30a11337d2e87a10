//! The function `activate`: trades an activation code for an active account, and answers `/health`.

mod health;

use serde::Serialize;
use shared::{
    authentication::{Check, PasswordLimits, Proven},
    aws::SdkConfig,
    backend::Backend,
    config,
    domain::{
        code::{ActivationCode, CodeLength},
        limits::Limit,
    },
    process::{
        Environment, SettingError,
        metrics::{self, Count, Measure},
        rules,
    },
    storage::{Guess, GuessedCode},
    web::{App, Call, Door, Problem, Reply, Route, Timestamp, sentence},
};
use uuid::Uuid;

use health::Health;

/// Created once per instance and shared by every request that it serves.
pub struct ActivateApp {
    backend: Backend,
    settings: Settings,
    health: Health,
}

struct Settings {
    code_length: CodeLength,
    network_guesses: Limit,
    attempt_mails: u32,
    password_limits: PasswordLimits,
}

/// The response to a right code.
#[derive(Serialize)]
struct Activation<'a> {
    id: Uuid,
    email: &'a str,
    activated_at: Timestamp,
}

impl ActivateApp {
    /// Reads the settings, then connects and reads the secret key at the same time.
    pub async fn start(
        environment: &Environment,
        sdk_config: &SdkConfig,
    ) -> Result<Self, SettingError> {
        let settings = Settings {
            code_length: rules::code_length(environment)?,
            network_guesses: config::network_guesses(environment)?,
            attempt_mails: config::attempt_mails(environment)?,
            password_limits: config::password_limits(environment)?,
        };
        let backend = Backend::start(environment, sdk_config).await?;
        Ok(Self { backend, settings, health: Health::default() })
    }

    /// Checks the password, then the code: only the owner learns what is wrong with a code.
    async fn activate(&self, call: &Call) -> Result<Reply, Problem> {
        let (code, registration) = self.parse(call)?;
        let credentials = call.credentials()?;
        let email = credentials.email.clone();
        let keys = self.backend.keys.current();
        let code_macs = keys.code_macs(&email, &code);

        let mut database = self.backend.database();
        let network = &call.network;
        let check = Check { credentials, registration, network, code_macs: &code_macs };
        let proven = self.settings.password_limits.check(&mut database, &keys, check).await?;
        let Proven { id, taken, chosen_by_code, key_ids, .. } =
            proven.ok_or_else(Problem::invalid_credentials)?;
        // After a right password only, so that attackers cannot make us reload the secret.
        let code_macs = self.backend.keys.with_ids(&key_ids).await.code_macs(&email, &code);
        let guessed = GuessedCode {
            macs: &code_macs,
            chosen_by_code,
            network: &self.settings.network_guesses.for_subject(&keys, &[&network.to_bytes()]),
            attempt_mails: self.settings.attempt_mails,
        };
        match database.guess(id, &guessed, &taken).await? {
            Guess::Activated(account) => {
                if let Some(seconds) = account.code_age_seconds {
                    metrics::count(Count::Activations);
                    metrics::measure(Measure::ActivationSeconds, seconds);
                }
                Ok(Reply::ok(&Activation {
                    id,
                    email: email.as_str(),
                    activated_at: Timestamp(account.activated_at),
                }))
            }
            Guess::AlreadyActive => Err(Problem::already_active()),
            Guess::Incorrect { attempts_left } => Err(Problem::code_incorrect(attempts_left)),
            Guess::Expired { resend_in } => Err(Problem::code_expired(resend_in)),
            Guess::Exhausted { resend_in } => Err(Problem::code_exhausted(resend_in)),
            Guess::LimitReached { retry_after } => {
                metrics::count(Count::GuessBudgetsSpent);
                Err(Problem::too_many_requests(retry_after))
            }
            Guess::Gone => Err(Problem::invalid_credentials()),
        }
    }

    /// Text that cannot be a code costs no guess.
    fn parse(&self, call: &Call) -> Result<(ActivationCode, Option<Uuid>), Problem> {
        let mut fields = call.fields()?;
        let registration = fields.registration();
        let code = fields.text("/code").and_then(|text| {
            ActivationCode::parse(&text, self.settings.code_length)
                .map_err(|error| fields.refuse("/code", error.code(), sentence(&error)))
                .ok()
        });
        fields.finish(code.map(|code| (code, registration)))
    }
}

impl App for ActivateApp {
    const ROUTES: &'static [Route<Self>] = &[
        Route::<Self>::post("/activate", |app, call| Box::pin(app.activate(call)))
            .with_basic()
            .beside_page(),
        Route::<Self>::get("/health", |app, _| Box::pin(app.health.check(&app.backend.pool))),
    ];

    fn door(&self) -> &Door {
        &self.backend.door
    }

    async fn prepare(&self) {
        self.backend.keys.refresh().await;
    }
}
