//! Wires the function to the Lambda runtime.

use std::sync::Arc;

use activate::Activate;
use shared::{config::Environment, http, logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = Environment::of_process();
    logging::start(&environment);
    let activate =
        Activate::start(&environment).await.unwrap_or_else(|error| logging::stop(&error));
    let activate = Arc::new(activate);
    http::serve(move |request| {
        let activate = Arc::clone(&activate);
        async move { activate.handle(request).await }
    })
    .await
}
