//! The function `operate`: commands for operators and schedules. It has no route; IAM decides who
//! may invoke it. It is deployed twice: to migrate, as the schema's owner, and to maintain, with a
//! role that can purge, import accounts and grant roles.

mod grant;
mod import;

use std::{
    error::Error,
    fmt,
    time::{Duration, Instant, SystemTime},
};

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use shared::{
    aws::SdkConfig,
    config,
    process::metrics::{self, Count},
    process::{Environment, SettingError},
    storage::{Connector, MigrateError, Pool, StorageError, message_of, migrate},
};

const COMMANDS: [&str; 4] = ["migrate", "purge", "import", "grant"];

/// Batch commands start no batch in the last seconds before the function's deadline: a statement
/// may take five.
const RESERVE: Duration = Duration::from_secs(10);

/// Created once per instance and shared by every invocation.
pub struct Operate {
    commands: Vec<&'static str>,
    database: Connector,
    pool: Pool,
    sdk_config: SdkConfig,
}

type BoxError = Box<dyn Error + Send + Sync>;

/// Why an invocation failed. Operators read it in the output of `aws lambda invoke`.
#[derive(thiserror::Error, strum::IntoStaticStr)]
pub enum Failure {
    #[error("the event must be {{\"command\": …}} with a command that this function accepts: {0}")]
    NotAccepted(String),
    #[error("migrate: {0}")]
    Migrate(#[from] MigrateError),
    #[error("purge: {0}")]
    Purge(#[from] StorageError),
    #[error("import: {0}")]
    Import(#[source] BoxError),
    #[error("grant: {0}")]
    Grant(#[source] BoxError),
}

impl Operate {
    /// Reads the settings. Connects at the first command.
    pub fn start(environment: &Environment, sdk_config: SdkConfig) -> Result<Self, SettingError> {
        let commands = config::operate_commands(environment, &COMMANDS)?;
        let database = config::database(environment, &sdk_config)?;
        let pool = Pool::new(database.clone());
        Ok(Self { commands, database, pool, sdk_config })
    }

    /// Runs one command. A failure fails the invocation, so that a pipeline stops.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Failure> {
        let (payload, context) = event.into_parts();
        // The runtime logs a failure.
        let answer = self.run(payload, context.deadline()).await?;
        tracing::info!(answer = %summary(&answer), request_id = context.request_id, "done");
        Ok(answer)
    }

    /// Runs one command without the Lambda runtime. Ends before `deadline`.
    pub async fn run(&self, event: Value, deadline: SystemTime) -> Result<Value, Failure> {
        let until = last_start(deadline);
        let wanted = event["command"].as_str();
        match self.commands.iter().find(|command| wanted == Some(**command)) {
            Some(&"migrate") => Ok(json!(migrate(&self.database).await?)),
            Some(&"purge") => {
                let purged = self.pool.purge(until).await?;
                metrics::count_many(Count::PurgedRows, purged.deleted.total());
                Ok(json!(purged))
            }
            Some(&"import") => {
                let imported = import::import(&self.pool, &self.sdk_config, event, until).await;
                imported.map(|imported| json!(imported)).map_err(|e| Failure::Import(e.into()))
            }
            Some(&"grant") => {
                let granted = grant::grant(&self.pool, event, until).await;
                granted.map(|granted| json!(granted)).map_err(|e| Failure::Grant(e.into()))
            }
            _ => Err(Failure::NotAccepted(self.commands.join(", "))),
        }
    }
}

/// An answer for the log, with the number of refused rows instead of the rows.
fn summary(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(refused) = answer.get_mut("refused") {
        *refused = json!(refused.as_array().map_or(0, Vec::len));
    }
    answer
}

/// The time after which no batch may start.
fn last_start(deadline: SystemTime) -> Instant {
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now() + left.saturating_sub(RESERVE)
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let error_type: &str = (&failure).into();
        Self { error_type: error_type.to_owned(), error_message: full_message(&failure) }
    }
}

/// For the runtime's log. A derived `Debug` would print whole migrations.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&full_message(self))
    }
}

/// The message and those of its causes, without repetitions.
fn full_message(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut cause: Option<&dyn Error> = failure.source().and_then(Error::source);
    while let Some(error) = cause {
        let message = message_of(error);
        if !text.contains(&message) {
            text.extend([": ", &message]);
        }
        cause = error.source();
    }
    text
}
