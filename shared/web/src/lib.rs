//! The front door: what every function does before and after it handles a request. In reading order:
//!
//! - [`run`]: runs a function on the Lambda runtime
//! - [`App`], [`Door`], [`answer`]: from the event to the response
//! - [`Route`]: one method of one path
//! - [`Call`], [`Fields`]: a request, as handlers see it
//! - [`Reply`], [`Problem`]: a success and an error, as handlers return them
//! - [`Origins`], [`PublicUrl`]: whose pages may call
//! - [`brand`]: whose site it is, as people see it

pub mod brand;
mod call;
mod door;
mod event;
mod fields;
mod kind;
mod origins;
mod page;
mod problem;
mod public_url;
mod reply;
mod request_line;
mod route;
mod runtime;
mod session;

pub use call::{Bearer, Call};
pub use door::{App, Door, answer, nothing_here};
pub use fields::{Fields, id, sentence};
pub use kind::Kind;
pub use origins::{InvalidOrigins, Origins};
pub use problem::{FieldError, Problem};
pub use public_url::PublicUrl;
pub use reply::{Reply, Timestamp};
pub use route::{Outcome, Route};
pub use runtime::run;
