//! A function as deployed, except that it hashes cheaply: here it shares a processor with
//! PostgreSQL, and an Argon2id hash between two statements would empty that processor's caches.

use account::AccountApp;
use activate::ActivateApp;
use lambda_http::Error;
use register::RegisterApp;
use shared::{aws::sdk_config, domain::password::cheap, process::Environment, web::run};

/// The variable with the function's name. `FunctionProcess` passes variables, but no arguments.
const NAME: &str = "BENCH_FUNCTION";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cheap::turn_on();
    match Environment::of_process().get(NAME) {
        Some("register") => run(async |it| RegisterApp::start(it, &sdk_config(it)).await).await,
        Some("activate") => run(async |it| ActivateApp::start(it, &sdk_config(it)).await).await,
        _ => run(async |it| AccountApp::start(it, &sdk_config(it)).await).await,
    }
}
