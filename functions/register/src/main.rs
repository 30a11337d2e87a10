//! Wires the function to the Lambda runtime.

use register::Register;
use shared::{aws::sdk_config, web};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(async |environment| Register::start(environment, sdk_config()).await).await
}
