//! Wires the function to the Lambda runtime.

use activate::Activate;
use shared::{aws::sdk_config, config::Environment, http, logging, metrics::Metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = Environment::of_process();
    logging::start(&environment);
    let metrics = Metrics::start(&environment);
    let activate = Activate::start(&environment, sdk_config())
        .await
        .unwrap_or_else(|error| logging::stop(&error));
    // It lives as long as the process.
    let activate: &'static Activate = Box::leak(Box::new(activate));
    http::serve(metrics, move |request| activate.handle(request)).await
}
