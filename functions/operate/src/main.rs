//! Wires the function to the Lambda runtime.

use operate::Operate;
use shared::{
    aws::sdk_config,
    process::{Environment, logging, metrics::Metrics},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::of_process();
    logging::start(&environment).unwrap_or_else(|error| logging::stop(&error));
    let metrics = Metrics::start(&environment);
    let operate = Operate::start(&environment, sdk_config(&environment))
        .unwrap_or_else(|error| logging::stop(&error));
    // Lives as long as the process.
    let operate: &'static Operate = Box::leak(Box::new(operate));
    lambda_runtime::run(lambda_runtime::service_fn(move |event| async move {
        let answer = operate.handle(event).await;
        metrics.flush();
        answer
    }))
    .await
}
