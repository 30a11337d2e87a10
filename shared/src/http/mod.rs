//! JSON in, JSON or a problem (RFC 9457) out. The one place that logs a failure.

mod call;
mod fields;
mod kind;
mod origins;
mod problem;

use lambda_http::{
    Body, Error, Request, Response,
    http::{HeaderName, StatusCode, header},
    run, service_fn,
};
use serde::Serialize;

pub use call::{Bearer, Call, SESSION_COOKIE};
pub use fields::Fields;
pub use kind::Kind;
pub use origins::{InvalidOrigins, Origins, origin_of};
pub use problem::{FieldError, Problem};

use crate::metrics::Metrics;

/// A successful answer.
pub struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: String,
}

impl Reply {
    /// 200 with this body.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// 202 with this body.
    pub fn accepted(body: &impl Serialize) -> Self {
        Self::new(StatusCode::ACCEPTED, body)
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: Vec::new(), body: String::new() }
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("our answers have string keys only");
        Self { status, headers: Vec::new(), body }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Serves requests for the life of this function instance, and prints the metrics of each.
pub async fn serve<F, H>(metrics: Metrics, handle: H) -> Result<(), Error>
where
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    run(service_fn(move |request| {
        let answer = handle(request);
        async move {
            let answer = answer.await;
            // Before the answer leaves: afterwards the function may be frozen.
            metrics.flush();
            // Never an `Err`: API Gateway would answer 502 with a text of its own.
            Ok::<_, Error>(answer)
        }
    }))
    .await
}

/// Answers a request, or the question of a browser whether a listed page may send it.
pub async fn answer(
    call: &Call<'_>,
    origins: &Origins,
    outcome: impl Future<Output = Result<Reply, Problem>>,
) -> Response<Body> {
    let outcome = match origins.preflight(call) {
        Some(permission) => Ok(permission),
        None => outcome.await,
    };
    let mut response = respond(call, outcome);
    origins.open(call, &mut response);
    response
}

/// Turns an outcome into the answer, and logs its cause if it has one.
fn respond(call: &Call<'_>, outcome: Result<Reply, Problem>) -> Response<Body> {
    let request_id = call.request_id();
    let mut response = Response::builder()
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header("x-request-id", request_id);
    let (status, media_type, body) = match outcome {
        Ok(reply) => {
            for (name, value) in reply.headers {
                response = response.header(name, value);
            }
            (reply.status, "application/json", reply.body)
        }
        Err(problem) => {
            problem.report(request_id);
            for (name, value) in problem.headers() {
                response = response.header(name, value);
            }
            (problem.status(), "application/problem+json", problem.body(request_id).to_string())
        }
    };
    if !body.is_empty() {
        response = response.header(header::CONTENT_TYPE, media_type);
    }
    response
        .status(status)
        .body(Body::Text(body))
        .expect("every part of the answer is our own text")
}
