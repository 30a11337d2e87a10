//! Wires the function to the Lambda runtime.

use account::Account;
use shared::{aws::sdk_config, config::Environment, http, logging, metrics::Metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = Environment::of_process();
    logging::start(&environment);
    let metrics = Metrics::start(&environment);
    let account = Account::start(&environment, sdk_config())
        .await
        .unwrap_or_else(|error| logging::stop(&error));
    // It lives as long as the process.
    let account: &'static Account = Box::leak(Box::new(account));
    http::serve(metrics, move |request| account.handle(request)).await
}
