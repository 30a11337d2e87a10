//! JSON lines on standard output, which Lambda sends to CloudWatch.

use tracing::{Level, Metadata};
use tracing_subscriber::{
    Layer as _,
    filter::{Targets, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::Environment;

/// Crates of ours, which may log below INFO.
const OURS: [&str; 8] =
    ["domain", "process", "web", "shared", "register", "activate", "account", "operate"];

/// Starts logging. The level is `AWS_LAMBDA_LOG_LEVEL` or `RUST_LOG`, INFO without either.
///
/// Whatever they say, other crates stay at INFO: at TRACE the runtime and the SDK print whole
/// requests, with passwords, codes and addresses in them.
pub fn start(environment: &Environment) {
    let wanted = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .into_iter()
        .find_map(|name| environment.get(name)?.parse::<Targets>().ok())
        .unwrap_or_else(|| Targets::new().with_default(Level::INFO));
    // Lambda adds no time of its own to lines that are JSON already.
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(wanted).with_filter(filter_fn(is_harmless)))
        .init();
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
