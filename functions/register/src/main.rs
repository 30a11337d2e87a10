//! Wires the function to the Lambda runtime.

use std::sync::Arc;

use register::Register;
use shared::{config::Environment, http, logging, mailer::sdk_config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = Environment::of_process();
    logging::start(&environment);
    let register = Register::start(&environment, sdk_config())
        .await
        .unwrap_or_else(|error| logging::stop(&error));
    let register = Arc::new(register);
    http::serve(move |request| {
        let register = Arc::clone(&register);
        async move { register.handle(request).await }
    })
    .await
}
