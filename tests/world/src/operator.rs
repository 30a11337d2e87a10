//! What an operator does, and an operator's schedule.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use operate::Operate;
use serde_json::{Value, json};
use shared::process::Environment;

use crate::World;

/// More than anything takes.
const TIME: Duration = Duration::from_mins(5);

impl World {
    /// Deletes what is old, with time enough.
    pub async fn purges(&self) -> Value {
        self.purges_within(TIME).await
    }

    /// The same in a function that has this much time left.
    pub async fn purges_within(&self, time: Duration) -> Value {
        let purge = command(json!({ "command": "purge" }), time);
        self.operate("purge").handle(purge).await.expect("it succeeds")
    }

    /// Imports these people.
    pub async fn imports(&self, users: Value) -> Value {
        let outcome = self.operates(json!({ "command": "import", "users": users })).await;
        outcome.expect("it succeeds")
    }

    /// Carries out a command, or says why not, as `aws lambda invoke` does.
    pub async fn operates(&self, event: Value) -> Result<Value, String> {
        self.operates_within(event, TIME).await
    }

    /// The same in a function that has this much time left.
    pub async fn operates_within(&self, event: Value, time: Duration) -> Result<Value, String> {
        let outcome = self.operate("purge,import,grant").handle(command(event, time)).await;
        outcome.map_err(|failure| Diagnostic::from(failure).error_message)
    }

    /// The function that maintains, in its role.
    pub fn operate(&self, commands: &str) -> Operate {
        let mut variables = self.variables_of("maintain");
        variables.insert("OPERATE_COMMANDS".to_owned(), commands.to_owned());
        let sdk_config = self.s3.sdk_config();
        let started = Operate::start(&Environment::of(&variables), sdk_config);
        started.expect("the settings are right")
    }
}

/// The event, for a function that has this much time left.
pub fn command(event: Value, time: Duration) -> LambdaEvent<Value> {
    let deadline = SystemTime::now() + time;
    let since = deadline.duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
    let mut context = Context::default();
    context.deadline = u64::try_from(since.as_millis()).expect("it is earlier than that");
    LambdaEvent::new(event, context)
}
