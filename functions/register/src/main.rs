//! Wires the function to the Lambda runtime.

use register::Register;
use shared::{aws::sdk_config, config::Environment, http, logging, metrics::Metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = Environment::of_process();
    logging::start(&environment);
    let metrics = Metrics::start(&environment);
    let register = Register::start(&environment, sdk_config())
        .await
        .unwrap_or_else(|error| logging::stop(&error));
    // It lives as long as the process.
    let register: &'static Register = Box::leak(Box::new(register));
    http::serve(metrics, move |request| register.handle(request)).await
}
