//! For tests: a database per test, a fake SES, real API Gateway events, answers held against
//! the contract.

mod answer;
mod database;
mod event;
mod exchange;
mod runtime;
mod ses;
mod wire;

pub use answer::{Answer, contract, documented_answers, given_answers};
pub use database::{Database, in_role, server};
pub use event::{Event, Payload};
pub use runtime::FunctionProcess;
pub use ses::{FakeSes, Mood, SentMail};
pub use wire::{Traffic, Wire};
