//! Wires the function to the Lambda runtime.

use lambda_http::{Error, run, service_fn};
use site::{Settings, Site};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    #[expect(clippy::disallowed_methods, reason = "this function shares no configuration")]
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    // It lives as long as the process.
    let site: &'static Site = Box::leak(Box::new(Site::new(&settings)));
    run(service_fn(async |request| Ok::<_, Error>(site.answer(&request)))).await
}
