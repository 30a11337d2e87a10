//! `cargo dev operate`: runs a command of the function `operate` on this machine.

use std::{
    io,
    time::{Duration, SystemTime},
};

use aws_config::BehaviorVersion;
use operate::Operate;
use serde_json::Value;
use shared::{aws::SdkConfig, process::Environment};
use tools::{Postgres, is_taken};

use crate::{arguments::Arguments, settings::Settings, stack::DevError};

/// Lambda's maximum timeout.
const TIME: Duration = Duration::from_mins(15);

/// Runs a command on the database of a running `cargo dev`, or on the one that `DATABASE_URL`
/// names, and returns its answer. With `-`, reads the event from standard input.
pub(crate) fn run(event: &str) -> Result<Value, DevError> {
    let event = match event {
        "-" => serde_json::from_reader(io::stdin().lock()),
        text => serde_json::from_str(text),
    };
    let event = event.map_err(DevError::NotJson)?;
    let settings = Settings::read(Arguments::default())?;
    let url = match settings.database_url {
        Some(url) => url,
        None if !is_taken(settings.database_port) => {
            return Err(DevError::NoDatabase(settings.database_port));
        }
        None => Postgres::url_at(settings.database_port, "postgres"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| DevError::Io("cannot start a runtime", error))?;
    runtime.block_on(run_command(event, &url))
}

async fn run_command(event: Value, url: &str) -> Result<Value, DevError> {
    let environment = Environment::of_process()
        .with("DATABASE_URL", url)
        .with("OPERATE_COMMANDS", "migrate,purge,import,grant");
    // Without credentials, the SDK would look for them in services that are not on this machine.
    let needs_aws = event.get("from").is_some();
    let sdk_config = if needs_aws {
        aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await
    } else {
        SdkConfig::builder().build()
    };
    let operate = Operate::start(&environment, sdk_config)?;
    let outcome = operate.run(event, SystemTime::now() + TIME).await;
    // `Debug` includes the causes, as in the function's log.
    outcome.map_err(|failure| DevError::Command(format!("{failure:?}")))
}
