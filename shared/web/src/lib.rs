//! The front door: what a function does with an event before and after its own business. In reading
//! order:
//!
//! - [`run`]: a function on the Lambda runtime
//! - [`App`], [`Door`], [`answer`]: the way of a request
//! - [`Route`]: what a function answers
//! - [`Call`], [`Fields`]: a request as the handlers see it
//! - [`Reply`], [`Problem`]: what they answer
//! - [`Origins`], [`PublicUrl`]: whose pages may call

mod call;
mod door;
mod event;
mod fields;
mod kind;
mod origins;
mod problem;
mod public_url;
mod reply;
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
