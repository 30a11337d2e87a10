//! Wires the function to the Lambda runtime.

use site::SiteApp;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(async |environment| SiteApp::start(environment)).await
}
