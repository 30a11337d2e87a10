//! What an operator's schedule does.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Context, LambdaEvent};
use operate::Operate;
use serde_json::{Value, json};
use shared::config::Environment;

use crate::World;

impl World {
    /// Deletes what is old, with time enough.
    pub async fn purges(&self) -> Value {
        self.purges_within(Duration::from_mins(5)).await
    }

    /// The same in a function that has so much time left.
    pub async fn purges_within(&self, time: Duration) -> Value {
        self.operate("purge").await.handle(purge(time)).await.expect("it succeeds")
    }

    /// The function that maintains, in its role.
    pub async fn operate(&self, commands: &str) -> Operate {
        let mut variables = self.variables_of("maintain");
        variables.insert("OPERATE_COMMANDS".to_owned(), commands.to_owned());
        let started = Operate::start(&Environment::of(&variables), self.ses.sdk_config()).await;
        started.expect("the settings are right")
    }
}

/// The event of a schedule, for a function that has so much time left.
pub fn purge(time: Duration) -> LambdaEvent<Value> {
    let deadline = SystemTime::now() + time;
    let since = deadline.duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
    let mut context = Context::default();
    context.deadline = u64::try_from(since.as_millis()).expect("it is earlier than that");
    LambdaEvent::new(json!({ "command": "purge" }), context)
}
