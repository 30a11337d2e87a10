//! Runs a function on the Lambda runtime.

use lambda_http::{
    Error, LambdaEvent,
    lambda_runtime::{LambdaInvocation, Runtime, layers::TracingLayer},
    service_fn,
    tower::util::MapRequestLayer,
};
use process::{Environment, SettingError, logging, metrics::Metrics};
use serde_json::Value;

use crate::{
    App, answer,
    event::{Payload, to_payload},
};

/// Starts a function and serves requests for the life of its instance. Prints the metrics of each request.
///
/// # Errors
///
/// When the runtime API is gone.
pub async fn run<A: App>(
    start: impl AsyncFnOnce(&Environment) -> Result<A, SettingError>,
) -> Result<(), Error> {
    let environment = Environment::of_process();
    logging::start(&environment).unwrap_or_else(|error| logging::stop(&error));
    let metrics = Metrics::start(&environment);
    let app = start(&environment).await.unwrap_or_else(|error| logging::stop(&error));
    // Leaked on purpose: it lives as long as the process.
    let app: &'static A = Box::leak(Box::new(app));
    let service = service_fn(move |event: LambdaEvent<Value>| async move {
        let LambdaEvent { payload: event, context } = event;
        let response = answer(app, &event, &context.request_id).await;
        // Before the response leaves: Lambda may freeze the function after that.
        metrics.flush();
        // Never an `Err`: API Gateway would turn it into a 502 of its own.
        Ok::<_, Error>(to_payload(response, Payload::of(&event)))
    });
    Runtime::new(service)
        .layer(MapRequestLayer::new(readable))
        .layer(TracingLayer::new())
        .run()
        .await
}

/// Repairs an event that the runtime would refuse before we see it: bytes that are not UTF-8 become
/// U+FFFD, and an event that is not JSON becomes `null`.
fn readable(invocation: LambdaInvocation) -> LambdaInvocation {
    let text = String::from_utf8_lossy(&invocation.body);
    let is_json = serde_json::from_str::<Value>(&text).is_ok();
    let body = if is_json { text.into_owned().into() } else { "null".into() };
    LambdaInvocation { body, ..invocation }
}
