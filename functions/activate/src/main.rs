//! Wires the function to the Lambda runtime.

use activate::Activate;
use shared::{config::Environment, http, logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = Environment::of_process();
    logging::start(&environment);
    let activate =
        Activate::start(&environment).await.unwrap_or_else(|error| logging::stop(&error));
    // It lives as long as the process.
    let activate: &'static Activate = Box::leak(Box::new(activate));
    http::serve(move |request| activate.handle(request)).await
}
