//! The function `account`: sessions, passwords, and accounts, for their owners and for admins.

mod password;
mod permissions;
mod sign_in;
mod token;
mod users;

use shared::{
    authentication::{AddressLimits, PasswordLimits},
    aws::SdkConfig,
    backend::Backend,
    config,
    domain::{limits::Limit, session::SessionClaims},
    mailer::{Letterhead, Mailer},
    process::{Environment, SettingError, rules},
    storage::{self, Database},
    web::{App, Call, Door, Problem, Route},
};

/// Created once per instance and shared by every request that it serves.
pub struct AccountApp {
    backend: Backend,
    mailer: Mailer,
    settings: Settings,
}

struct Settings {
    letterhead: Letterhead,
    session_seconds: u32,
    password_min_length: usize,
    sign_up_limits: AddressLimits,
    password_limits: PasswordLimits,
    account_password_limit: Limit,
}

/// The session of a request, and its account.
struct SignedIn {
    claims: SessionClaims,
    account: storage::Account,
    /// The session came in a cookie.
    is_from_cookie: bool,
}

impl AccountApp {
    /// Reads the settings, then connects and reads the secret key at the same time.
    pub async fn start(
        environment: &Environment,
        sdk_config: &SdkConfig,
    ) -> Result<Self, SettingError> {
        let settings = Settings {
            letterhead: config::letterhead(environment)?,
            session_seconds: config::session_seconds(environment)?,
            password_min_length: rules::password_min_length(environment)?,
            sign_up_limits: config::sign_up_limits(environment)?,
            password_limits: config::password_limits(environment)?,
            account_password_limit: config::account_password_limit(environment)?,
        };
        let mail = config::mailer(environment)?;
        let backend = Backend::start(environment, sdk_config).await?;
        let mailer = Mailer::new(sdk_config, mail);
        Ok(Self { backend, mailer, settings })
    }

    /// The session and account of this request, read from the database in one statement.
    async fn authenticate(
        &self,
        call: &Call,
        database: &mut Database<'_>,
    ) -> Result<SignedIn, Problem> {
        let bearer = call.bearer().ok_or_else(Problem::invalid_session)?;
        let claims = self.read_token(&bearer.token).await.ok_or_else(Problem::invalid_session)?;
        let account = database.account_of_session(&claims).await?;
        let account = account.ok_or_else(Problem::invalid_session)?;
        Ok(SignedIn { claims, account, is_from_cookie: bearer.is_from_cookie })
    }
}

impl App for AccountApp {
    const ROUTES: &'static [Route<Self>] = &[
        Route::<Self>::post("/login", |app, call| Box::pin(app.sign_in(call)))
            .or_form()
            .beside_page(),
        Route::<Self>::post("/logout", |app, call| Box::pin(app.sign_out(call)))
            .with_session()
            .without_body(),
        Route::<Self>::post("/password/forgot", |app, call| Box::pin(app.forgot(call))),
        Route::<Self>::post("/password/reset", |app, call| Box::pin(app.reset(call))),
        Route::<Self>::get("/users", |app, call| Box::pin(app.list(call))).with_session(),
        Route::<Self>::get("/users/me", |app, call| Box::pin(app.read_own(call))).with_session(),
        Route::<Self>::patch("/users/me", |app, call| Box::pin(app.change_own(call)))
            .with_session(),
        Route::<Self>::delete("/users/me", |app, call| Box::pin(app.delete_own(call)))
            .with_session(),
        Route::<Self>::get("/users/{id}", |app, call| Box::pin(app.read(call))).with_session(),
        Route::<Self>::patch("/users/{id}", |app, call| Box::pin(app.disable(call))).with_session(),
        Route::<Self>::delete("/users/{id}", |app, call| Box::pin(app.delete(call))).with_session(),
    ];

    fn door(&self) -> &Door {
        &self.backend.door
    }

    async fn prepare(&self) {
        self.backend.keys.refresh().await;
    }
}
