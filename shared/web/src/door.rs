//! The front door: what happens to every request before and after its handler.

use domain::network::TrustedCallers;
use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use process::{Environment, SettingError};
use serde_json::Value;

use crate::{
    Call, Kind, Origins, Problem, Reply, Route,
    event::{Request, without_prefix},
    public_url::PublicUrl,
    route::{BodyKind, Resource, Scheme},
    session::cookie,
};

/// A function with routes: made once per instance, used by every request it serves.
pub trait App: Sized + Sync + 'static {
    /// What it answers.
    const ROUTES: &'static [Route<Self>];

    /// Headers of all its answers, besides those of every function.
    const HEADERS: &'static [(&'static str, &'static str)] = &[];

    /// The front door of this function.
    fn door(&self) -> &Door;

    /// What it does before each request.
    fn prepare(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// The settings of the front door.
pub struct Door {
    public_url: PublicUrl,
    origins: Origins,
    trusted_callers: TrustedCallers,
}

impl Door {
    /// Reads `PUBLIC_URL`, `CORS_ORIGINS` and `TRUSTED_CALLERS`.
    pub fn of(environment: &Environment) -> Result<Self, SettingError> {
        let (cors_origins, trusted_callers) = ("CORS_ORIGINS", "TRUSTED_CALLERS");
        let listed = |name| environment.get(name).unwrap_or_default();
        Ok(Self {
            public_url: PublicUrl::of(environment)?,
            origins: Origins::try_from(listed(cors_origins))
                .map_err(|error| SettingError::new(cors_origins, error))?,
            trusted_callers: TrustedCallers::try_from(listed(trusted_callers))
                .map_err(|error| SettingError::new(trusted_callers, error))?,
        })
    }

    /// What the path leads to: as it is, or after the path of `PUBLIC_URL`, which a custom domain
    /// with a base path leaves in front of it.
    fn resource<A: App>(&self, path: &str) -> Option<Resource<A>> {
        Resource::at(path, A::ROUTES).or_else(|| {
            let base = self.public_url.base_path()?;
            Resource::at(without_prefix(path, base)?, A::ROUTES)
        })
    }
}

/// Answers an event. Every failure but a panic is an answer.
pub async fn answer<A: App>(app: &A, event: &Value, request_id: &str) -> Response<Body> {
    app.prepare().await;
    let door = app.door();
    let mut call = Call::of(Request::of(event), request_id, &door.trusted_callers);
    let Some(resource) = door.resource::<A>(call.path()) else {
        return respond::<A>(door, &call, Err(nothing_here()));
    };
    call.parameter.clone_from(&resource.parameter);
    if door.origins.is_preflight(&call) {
        return respond::<A>(door, &call, Ok(Origins::permission(&resource.methods())));
    }
    let Some(route) = resource.route(call.method()) else {
        return respond::<A>(door, &call, Err(Problem::method_not_allowed(&resource.methods())));
    };
    let outcome = match judge(door, route, &call) {
        Ok(()) => (route.handler)(app, &call).await,
        Err(problem) => Err(problem),
    };
    let mut response = respond::<A>(door, &call, outcome);
    if response.status() == StatusCode::UNAUTHORIZED {
        challenge(route.scheme, &call, &mut response);
    }
    response
}

/// What is wrong with a request before anything of it is read: origin, size, media type.
fn judge<A>(door: &Door, route: &Route<A>, call: &Call) -> Result<(), Problem> {
    if call.is_safe() {
        return Ok(());
    }
    let relies_on_cookie = route.scheme == Scheme::Session && call.relies_on_cookie();
    door.origins.expect_ours(call, door.public_url.origin(), relies_on_cookie)?;
    call.expect_size()?;
    let is_right = match route.body {
        BodyKind::None => true,
        BodyKind::Json => call.is_json(),
        BodyKind::OptionalJson => call.is_json() || call.has_no_body(),
        BodyKind::JsonOrForm => call.is_json() || call.is_form(),
    };
    is_right.then_some(()).ok_or_else(|| {
        let detail = "Send JSON, with the header `Content-Type: application/json`.";
        Problem::new(Kind::UnsupportedMediaType, detail)
    })
}

/// The answer for what is not there.
pub fn nothing_here() -> Problem {
    Problem::new(Kind::NotFound, "There is nothing here.")
}

/// Names the scheme that the route takes. With Basic, a browser would open a dialog of its own over
/// a page of ours: a route of our pages never names it.
fn challenge(scheme: Scheme, call: &Call, response: &mut Response<Body>) {
    // RFC 7617 §2.1, RFC 6750 §3. A REST API delivers it under another name.
    let challenge = match scheme {
        Scheme::Basic => r#"Basic realm="registration", charset="UTF-8""#,
        Scheme::Session | Scheme::None => "Bearer",
    };
    let headers = response.headers_mut();
    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    if scheme == Scheme::Session && call.relies_on_cookie() {
        let cookie = HeaderValue::from_str(&cookie("", 0)).expect("it is ASCII");
        headers.insert(header::SET_COOKIE, cookie);
    }
}

/// Turns an outcome into the answer, and logs its cause if it has one.
fn respond<A: App>(door: &Door, call: &Call, outcome: Result<Reply, Problem>) -> Response<Body> {
    let Reply { status, headers, body } =
        outcome.unwrap_or_else(|problem| problem.into_reply(&call.request_id));
    // A browser reads `HEAD` as what `GET` would say.
    let body = if call.method() == "HEAD" { String::new() } else { body };
    let mut response = Response::new(if body.is_empty() { Body::Empty } else { Body::Text(body) });
    *response.status_mut() = status;
    let all = response.headers_mut();
    all.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    all.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in A::HEADERS {
        all.insert(*name, HeaderValue::from_static(value));
    }
    let own = headers
        .into_iter()
        .chain([("x-request-id".parse().expect("a name"), call.request_id.clone())]);
    for (name, value) in own {
        // Each is our own text, or an id that AWS has made.
        if let Ok(value) = HeaderValue::from_str(&value) {
            all.insert(name, value);
        }
    }
    door.origins.open(call, &mut response);
    response
}
