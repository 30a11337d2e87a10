//! One event for each request, at DEBUG: `cargo dev` turns it on and prints it as a line.
//!
//! It has the path of the route, never the path of the request: a caller may write an address, a code
//! or a token into that, and even into its method.

use std::time::Duration;

use lambda_http::{Body, Response};

/// The code of a problem, which its response carries until it is logged.
#[derive(Clone, Copy)]
pub(crate) struct ProblemCode(pub(crate) &'static str);

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// Logs a request that was answered. `route` is `None` if no route has its path.
pub(crate) fn log(
    method: &str,
    route: Option<&'static str>,
    response: &Response<Body>,
    time: Duration,
) {
    let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("(other)");
    let path = route.unwrap_or("(no such path)");
    let status = response.status().as_u16();
    let code = response.extensions().get::<ProblemCode>().map(|code| code.0);
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(method, path, status, code, ms, "answered");
}
