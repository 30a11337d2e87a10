//! Signs people in, and looks after their accounts.

mod password;
mod permissions;
mod sign_in;
mod token;
mod users;

use lambda_http::{Body, Request, Response, http::header};
use shared::{
    authentication::{AddressLimits, PasswordFailures},
    aws::SdkConfig,
    config::{self, Environment, SettingError},
    domain::{limits::Limit, network::TrustedCallers, session::Claims},
    http::{Call, Kind, Origins, Problem, Reply, SESSION_COOKIE, answer},
    mailer::{Links, Mailer},
    secret_key::SecretKey,
    storage::{self, Session, Storage},
};
use uuid::Uuid;

/// The function: made once per instance, used by every request it serves.
pub struct Account {
    storage: Storage,
    keys: SecretKey,
    mailer: Mailer,
    settings: Settings,
}

struct Settings {
    links: Links,
    own_origin: String,
    origins: Origins,
    trusted_callers: TrustedCallers,
    session_seconds: u32,
    password_min_length: usize,
    sign_up_limits: AddressLimits,
    password_failures: PasswordFailures,
    account_password_failures: Limit,
}

/// Who sends a request.
struct SignedIn {
    claims: Claims,
    account: storage::Account,
    /// A browser keeps the session.
    is_cookie: bool,
}

impl Account {
    /// Reads the settings, then connects while the secret key is read.
    pub async fn start(
        environment: &Environment,
        sdk_config: impl Future<Output = SdkConfig>,
    ) -> Result<Self, SettingError> {
        let settings = Settings {
            links: config::links(environment)?,
            own_origin: config::own_origin(environment)?,
            origins: config::origins(environment)?,
            trusted_callers: config::trusted_callers(environment)?,
            session_seconds: config::session_seconds(environment)?,
            password_min_length: config::password_min_length(environment)?,
            sign_up_limits: config::sign_up_limits(environment)?,
            password_failures: config::password_failures(environment)?,
            account_password_failures: config::account_password_failures(environment)?,
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
        match (call.path(), call.method()) {
            ("/login", "POST") => self.sign_in(call).await,
            ("/logout", "POST") => self.sign_out(call).await,
            ("/password/forgot", "POST") => self.forgot(call).await,
            ("/password/reset", "POST") => self.reset(call).await,
            ("/login" | "/logout" | "/password/forgot" | "/password/reset", _) => {
                Err(Problem::method_not_allowed("POST"))
            }
            ("/users", "GET") => self.list(call).await,
            ("/users", _) => Err(Problem::method_not_allowed("GET")),
            ("/users/me", "GET") => self.read_own(call).await,
            ("/users/me", "PATCH") => self.change_own(call).await,
            ("/users/me", "DELETE") => self.delete_own(call).await,
            ("/users/me", _) => Err(Problem::method_not_allowed("GET, PATCH, DELETE")),
            (path, method) => {
                let id = path.strip_prefix("/users/").and_then(id).ok_or_else(nothing_here)?;
                match method {
                    "GET" => self.read(call, id).await,
                    "PATCH" => self.disable(call, id).await,
                    "DELETE" => self.delete(call, id).await,
                    _ => Err(Problem::method_not_allowed("GET, PATCH, DELETE")),
                }
            }
        }
    }

    /// Who is signed in, and as what: read anew at every request, in one statement.
    async fn signed_in(
        &self,
        call: &Call<'_>,
        session: &mut Session<'_>,
    ) -> Result<SignedIn, Problem> {
        let bearer = call.bearer().ok_or_else(Problem::invalid_session)?;
        if call.method() != "GET" {
            self.expect_ours(call, bearer.is_cookie)?;
        }
        let claims = self.read_token(&bearer.token).await.ok_or_else(Problem::invalid_session)?;
        let account = session.account_by_session(&claims).await?;
        let account = account.ok_or_else(Problem::invalid_session)?;
        Ok(SignedIn { claims, account, is_cookie: bearer.is_cookie })
    }

    /// Refuses what another site's page has made a browser send.
    fn expect_ours(&self, call: &Call<'_>, relies_on_cookie: bool) -> Result<(), Problem> {
        let Settings { origins, own_origin, .. } = &self.settings;
        origins.expect_ours(call, own_origin, relies_on_cookie)
    }
}

/// An id as it stands in a path: in its one canonical spelling.
fn id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|id| id.to_string() == text)
}

fn nothing_here() -> Problem {
    Problem::new(Kind::NotFound, "There is nothing here.")
}

/// The answer to somebody whose session has ended with it: a browser forgets the cookie.
fn without_session(reply: Reply, is_cookie: bool) -> Reply {
    if is_cookie { reply.with(header::SET_COOKIE, cookie("", 0)) } else { reply }
}

/// RFC 6265bis §4.1. Only for us, only over TLS, out of reach for scripts, and not sent along with
/// what other sites' pages send.
fn cookie(token: &str, seconds: u32) -> String {
    format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}
