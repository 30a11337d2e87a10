//! What a function answers: a table with a row for each method of each path.

use std::pin::Pin;

use crate::{Call, Problem, Reply};

/// The result of a handler, to be awaited.
pub type Outcome<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

/// One method of one path.
pub struct Route<A: 'static> {
    /// The method.
    pub method: &'static str,
    /// The path. `{id}` takes a UUID, `{file}` any text; there are no other segments in braces.
    pub path: &'static str,
    /// Whether `site` answers `GET` on this path with a page.
    pub has_page: bool,
    pub(crate) body: BodyKind,
    pub(crate) scheme: Scheme,
    pub(crate) handler: Handler<A>,
}

/// What a request may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    None,
    Json,
    /// An object whose members may all be left out, and the object with them.
    OptionalJson,
    JsonOrForm,
}

/// What the handler asks of a caller. The door does not check it: it chooses the challenge of a 401 and,
/// for a session, the rule for cookies.
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
    /// `GET`, and `HEAD` with it.
    pub const fn get(path: &'static str, handler: Handler<A>) -> Self {
        Self::of("GET", path, BodyKind::None, handler)
    }

    /// `POST` of JSON.
    pub const fn post(path: &'static str, handler: Handler<A>) -> Self {
        Self::of("POST", path, BodyKind::Json, handler)
    }

    /// `PATCH` with JSON.
    pub const fn patch(path: &'static str, handler: Handler<A>) -> Self {
        Self::of("PATCH", path, BodyKind::Json, handler)
    }

    /// `DELETE`.
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

    /// For callers with Basic.
    #[must_use]
    pub const fn with_basic(mut self) -> Self {
        self.scheme = Scheme::Basic;
        self
    }

    /// For callers who are signed in.
    #[must_use]
    pub const fn with_session(mut self) -> Self {
        self.scheme = Scheme::Session;
        self
    }

    /// It carries nothing.
    #[must_use]
    pub const fn without_body(mut self) -> Self {
        self.body = BodyKind::None;
        self
    }

    /// The JSON may be left out.
    #[must_use]
    pub const fn with_optional_body(mut self) -> Self {
        self.body = BodyKind::OptionalJson;
        self
    }

    /// A form is taken as well.
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

/// The routes of the path that a request is for.
pub(crate) struct Resource<A: 'static> {
    routes: Vec<&'static Route<A>>,
    /// What stood in the braces of its path.
    pub(crate) parameter: String,
}

impl<A> Resource<A> {
    /// Of several paths that fit, the first in the table counts.
    pub(crate) fn at(path: &str, table: &'static [Route<A>]) -> Option<Self> {
        let (found, parameter) =
            table.iter().find_map(|route| Some((route.path, parameter(route.path, path)?)))?;
        let routes = table.iter().filter(|route| route.path == found).collect();
        Some(Self { routes, parameter })
    }

    /// The route for a method; what answers `GET` answers `HEAD`.
    pub(crate) fn route(&self, method: &str) -> Option<&'static Route<A>> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.routes.iter().find(|route| route.method == method).copied()
    }

    /// Every method that the path answers, pages included.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        let has_page = self.routes.iter().any(|route| route.has_page);
        let has_get = has_page || self.route("GET").is_some();
        let others = self.routes.iter().map(|route| route.method).filter(|it| *it != "GET");
        let get: &[_] = if has_get { &["GET", "HEAD"] } else { &[] };
        get.iter().copied().chain(others).collect()
    }
}

/// What stands in the braces of a path that fits; an empty text if it has none.
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
