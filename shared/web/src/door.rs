//! The front door: what happens to every request before and after its handler.

use std::time::Instant;

use domain::network::TrustedCallers;
use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use process::{Environment, SettingError};
use serde_json::Value;

use crate::{
    Call, Kind, Origins, Problem, Reply, Route,
    event::Request,
    page,
    public_url::PublicUrl,
    request_line::{self, ProblemCode},
    route::{BodyKind, Resource, Scheme},
    session::cookie,
};

/// A function with routes. It is created once per instance and shared by every request.
pub trait App: Sized + Sync + 'static {
    const ROUTES: &'static [Route<Self>];

    /// Headers of all its responses, besides those that every function adds.
    const HEADERS: &'static [(&'static str, &'static str)] = &[];

    fn door(&self) -> &Door;

    /// Runs before each request.
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

    pub fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }

    /// The path as routes write it. API Gateway may put a stage in front of it, or the base path of a
    /// custom domain, which is the path of `PUBLIC_URL`.
    fn paths<'c>(&self, call: &'c Call) -> impl Iterator<Item = &'c str> {
        let prefixes = [call.stage(), self.public_url.base_path()];
        let shorter = prefixes.map(|prefix| without_prefix(call.path(), prefix));
        [Some(call.path())].into_iter().chain(shorter).flatten()
    }
}

/// Turns an event into a response. Every failure except a panic becomes a response.
pub async fn answer<A: App>(app: &A, event: &Value, request_id: &str) -> Response<Body> {
    let started = Instant::now();
    app.prepare().await;
    let door = app.door();
    let mut call = Call::of(Request::of(event), request_id, &door.trusted_callers);
    let resource = door.paths(&call).find_map(|path| Resource::at(path, A::ROUTES));
    let response = match &resource {
        Some(resource) => {
            call.parameter.clone_from(&resource.parameter);
            answer_at(app, resource, &call).await
        }
        None => respond::<A>(door, &call, elsewhere::<A>(door, &call)),
    };
    let path = resource.as_ref().map(Resource::path);
    request_line::log(call.method(), path, &response, started.elapsed());
    response
}

/// The response of a path that has routes.
async fn answer_at<A: App>(app: &A, resource: &Resource<A>, call: &Call) -> Response<Body> {
    let door = app.door();
    if door.origins.is_preflight(call) {
        return respond::<A>(door, call, Ok(Origins::permission(&resource.methods())));
    }
    let Some(route) = resource.route(call.method()) else {
        return respond::<A>(door, call, Err(Problem::method_not_allowed(&resource.methods())));
    };
    let outcome = match judge(door, route, call) {
        Ok(()) => (route.handler)(app, call).await,
        Err(problem) => Err(problem),
    };
    let mut response = respond::<A>(door, call, outcome);
    if response.status() == StatusCode::UNAUTHORIZED {
        challenge(route.scheme, call, &mut response);
    }
    response
}

/// Checks origin, size and media type, before the body is read.
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
        let detail = match route.body {
            BodyKind::JsonOrForm => "Send JSON or a form, and say which in `Content-Type`.",
            _ => "Send JSON, with the header `Content-Type: application/json`.",
        };
        Problem::new(Kind::UnsupportedMediaType, detail)
    })
}

/// Without the slash after the base path, the links of the first page would lead nowhere. With a slash
/// after any other path, those of its page would.
fn elsewhere<A: App>(door: &Door, call: &Call) -> Result<Reply, Problem> {
    let is_base = door.paths(call).skip(1).any(str::is_empty);
    let path = if is_base { Some("/") } else { door.paths(call).find_map(without_slash::<A>) };
    let path = path.filter(|_| call.is_safe()).ok_or_else(nothing_here)?;
    Ok(Reply::moved(&format!("{}{path}{}", door.public_url.as_str(), call.query_text())))
}

/// The path without the slash at its end, if something answers `GET` there. No text of the caller's is
/// in it, so that it leads to no other site.
fn without_slash<A: App>(path: &str) -> Option<&str> {
    let path = path.strip_suffix('/')?;
    let page = Resource::at(path, A::ROUTES)?;
    (page.parameter.is_empty() && page.route("GET").is_some()).then_some(path)
}

/// The path without this first segment, if it begins with it.
fn without_prefix<'p>(path: &'p str, segment: &str) -> Option<&'p str> {
    let rest = path.strip_prefix('/')?.strip_prefix(segment).filter(|_| !segment.is_empty())?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// The 404 of a path without a route.
pub fn nothing_here() -> Problem {
    Problem::new(Kind::NotFound, "There is nothing here.")
}

/// Names the scheme that the route takes. A browser that sees `Basic` opens its own dialog over our
/// page, so the routes of sign-in and account never name it.
fn challenge(scheme: Scheme, call: &Call, response: &mut Response<Body>) {
    // RFC 7617 §2.1, RFC 6750 §3. A REST API renames it to `x-amzn-Remapped-WWW-Authenticate`.
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

/// Turns an outcome into the response, and logs the cause of a failure.
fn respond<A: App>(door: &Door, call: &Call, outcome: Result<Reply, Problem>) -> Response<Body> {
    let code = outcome.as_ref().err().map(|problem| ProblemCode(problem.code()));
    let mut reply =
        outcome.unwrap_or_else(|problem| problem.into_reply(&door.public_url, &call.request_id));
    let has_nothing =
        [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&reply.status);
    if has_nothing && call.wants_page() {
        reply = page::instead_of(reply, call, &door.public_url);
    }
    let Reply { status, headers, body } = reply;
    // `HEAD` has the headers of `GET` and no body (RFC 9110 §9.3.2).
    let body = if call.method() == "HEAD" { String::new() } else { body };
    let mut response = Response::new(if body.is_empty() { Body::Empty } else { Body::Text(body) });
    *response.status_mut() = status;
    if let Some(code) = code {
        response.extensions_mut().insert(code);
    }
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
        // They are our own texts, and an id from AWS.
        if let Ok(value) = HeaderValue::from_str(&value) {
            all.insert(name, value);
        }
    }
    door.origins.open(call, &mut response);
    response
}
