//! JSON lines on standard output, which Lambda sends to CloudWatch.

use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer as _,
    filter::{Targets, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{Environment, SettingError};

/// Our own crates that log. They alone may log below INFO.
const OURS: [&str; 9] =
    ["domain", "process", "web", "shared", "register", "activate", "account", "operate", "site"];

/// Starts logging. The level is `AWS_LAMBDA_LOG_LEVEL` or `RUST_LOG`, INFO without either. It starts
/// even if that setting is wrong, so that the complaint can be logged.
///
/// Other crates stay at INFO, whatever the level: at TRACE the runtime and the SDK print whole
/// requests, with passwords, codes and addresses in them.
pub fn start(environment: &Environment) -> Result<(), SettingError> {
    let level = level(environment);
    let wanted = level.as_ref().map_or_else(|_| at(LevelFilter::INFO), Clone::clone);
    // Lambda adds no time to lines that are already JSON.
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(wanted).with_filter(filter_fn(is_harmless)))
        .init();
    level.map(drop)
}

fn level(environment: &Environment) -> Result<Targets, SettingError> {
    let settings = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"];
    let mut given = settings.into_iter().filter_map(|name| Some((name, environment.get(name)?)));
    let Some((name, text)) = given.next() else { return Ok(at(LevelFilter::INFO)) };
    // Lambda knows a level above ERROR.
    if text.eq_ignore_ascii_case("FATAL") {
        return Ok(at(LevelFilter::ERROR));
    }
    // `Targets` alone would read a mistyped level as the name of a crate, and log nothing.
    let targets = text.contains('=').then(|| text.parse().ok()).flatten();
    targets
        .or_else(|| text.parse().ok().map(at))
        .ok_or_else(|| SettingError::new(name, "must be TRACE, DEBUG, INFO, WARN or ERROR"))
}

fn at(level: LevelFilter) -> Targets {
    Targets::new().with_default(level)
}

/// Ends a function that cannot start, with one line that says why.
pub fn stop(error: &dyn std::error::Error) -> ! {
    tracing::error!(cause = %error, "cannot start");
    std::process::exit(1)
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let crate_name = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || OURS.contains(&crate_name)
}
