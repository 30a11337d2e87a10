//! A function as it is deployed, except that it hashes cheaply: it runs beside PostgreSQL here, and
//! an Argon2id hash between two statements empties the caches of the processor that serves both.

use account::Account;
use activate::Activate;
use lambda_http::Error;
use register::Register;
use shared::{
    aws::sdk_config,
    config::{Environment, SettingError},
    domain::password::cheap,
    http, logging,
    metrics::Metrics,
};

/// The function's name is the only argument that `FunctionProcess` can pass on: a variable.
const NAME: &str = "BENCH_FUNCTION";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cheap::turn_on();
    let environment = Environment::of_process();
    logging::start(&environment);
    let metrics = Metrics::start(&environment);
    match environment.get(NAME) {
        Some("register") => {
            let register = started(Register::start(&environment, sdk_config()).await);
            http::serve(metrics, move |request| register.handle(request)).await
        }
        Some("activate") => {
            let activate = started(Activate::start(&environment, sdk_config()).await);
            http::serve(metrics, move |request| activate.handle(request)).await
        }
        _ => {
            let account = started(Account::start(&environment, sdk_config()).await);
            http::serve(metrics, move |request| account.handle(request)).await
        }
    }
}

/// It lives as long as the process.
fn started<F>(function: Result<F, SettingError>) -> &'static F {
    Box::leak(Box::new(function.unwrap_or_else(|error| logging::stop(&error))))
}
