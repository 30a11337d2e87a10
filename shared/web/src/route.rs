//! The table of routes: a row for each method of each path.

use std::pin::Pin;

use crate::{Call, Problem, Reply};

/// The future of a handler.
pub type Outcome<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

/// One method of one path.
pub struct Route<A: 'static> {
    pub method: &'static str,
    /// `{id}` matches a UUID, `{file}` any text. There are no other segments in braces.
    pub path: &'static str,
    /// Whether `site` has a page on this path.
    pub has_page: bool,
    pub(crate) body: BodyKind,
    pub(crate) scheme: Scheme,
    pub(crate) handler: Handler<A>,
}

/// The bodies that a route accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    None,
    Json,
    /// Every member is optional, and so is the body.
    OptionalJson,
    JsonOrForm,
}

/// How the handler authenticates a caller. It decides the challenge of a 401 and, for a session, the
/// rule for cookies; the check itself is the handler's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    None,
    /// HTTP Basic.
    Basic,
    /// The token of a session, or its cookie.
    Session,
}

type Handler<A> = for<'a> fn(&'a A, &'a Call) -> Outcome<'a>;

impl<A> Route<A> {
    /// `GET` and `HEAD`.
    pub const fn get(path: &'static str, handler: Handler<A>) -> Self {
        Self::of("GET", path, BodyKind::None, handler)
    }

    /// `POST` with JSON.
    pub const fn post(path: &'static str, handler: Handler<A>) -> Self {
        Self::of("POST", path, BodyKind::Json, handler)
    }

    /// `PATCH` with JSON.
    pub const fn patch(path: &'static str, handler: Handler<A>) -> Self {
        Self::of("PATCH", path, BodyKind::Json, handler)
    }

    /// `DELETE` without a body.
    pub const fn delete(path: &'static str, handler: Handler<A>) -> Self {
        Self::of("DELETE", path, BodyKind::None, handler)
    }

    const fn of(
        method: &'static str,
        path: &'static str,
        body: BodyKind,
        handler: Handler<A>,
    ) -> Self {
        Self { method, path, has_page: false, body, scheme: Scheme::None, handler }
    }

    /// The caller authenticates with HTTP Basic.
    #[must_use]
    pub const fn with_basic(mut self) -> Self {
        self.scheme = Scheme::Basic;
        self
    }

    /// The caller is signed in.
    #[must_use]
    pub const fn with_session(mut self) -> Self {
        self.scheme = Scheme::Session;
        self
    }

    /// The body is ignored.
    #[must_use]
    pub const fn without_body(mut self) -> Self {
        self.body = BodyKind::None;
        self
    }

    /// The body may be absent.
    #[must_use]
    pub const fn with_optional_body(mut self) -> Self {
        self.body = BodyKind::OptionalJson;
        self
    }

    /// The body may be a form.
    #[must_use]
    pub const fn or_form(mut self) -> Self {
        self.body = BodyKind::JsonOrForm;
        self
    }

    /// `site` has a page on this path.
    #[must_use]
    pub const fn beside_page(mut self) -> Self {
        self.has_page = true;
        self
    }
}

/// The routes of one path.
pub(crate) struct Resource<A: 'static> {
    routes: Vec<&'static Route<A>>,
    /// The value for the braces in the path.
    pub(crate) parameter: String,
}

impl<A> Resource<A> {
    /// If several paths match, the first in the table wins.
    pub(crate) fn at(path: &str, table: &'static [Route<A>]) -> Option<Self> {
        let (found, parameter) =
            table.iter().find_map(|route| Some((route.path, parameter(route.path, path)?)))?;
        let routes = table.iter().filter(|route| route.path == found).collect();
        Some(Self { routes, parameter })
    }

    /// The path as its routes write it.
    pub(crate) fn path(&self) -> &'static str {
        self.routes.first().map_or("", |route| route.path)
    }

    /// The route for a method. A `HEAD` gets the route of `GET`.
    pub(crate) fn route(&self, method: &str) -> Option<&'static Route<A>> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.routes.iter().find(|route| route.method == method).copied()
    }

    /// The methods of this path, including those of a page.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        let has_page = self.routes.iter().any(|route| route.has_page);
        let has_get = has_page || self.route("GET").is_some();
        let others = self.routes.iter().map(|route| route.method).filter(|it| *it != "GET");
        let get: &[_] = if has_get { &["GET", "HEAD"] } else { &[] };
        get.iter().copied().chain(others).collect()
    }
}

/// The value for the braces if the path matches, empty without braces.
fn parameter(pattern: &str, path: &str) -> Option<String> {
    let mut parameter = String::new();
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parameter),
            (Some("{id}"), Some(segment)) if crate::id(segment).is_some() => {
                segment.clone_into(&mut parameter);
            }
            (Some("{file}"), Some(segment)) => segment.clone_into(&mut parameter),
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}
