//! Wires the function to the Lambda runtime.

use activate::ActivateApp;
use shared::{aws::sdk_config, web};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(async |environment| ActivateApp::start(environment, &sdk_config(environment)).await)
        .await
}
