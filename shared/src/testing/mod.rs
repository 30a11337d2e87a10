//! For tests: a database per test, a fake SES, real API Gateway events, answers held against
//! the contract.

mod answer;
mod database;
mod event;
mod exchange;
mod runtime;
mod secrets;
mod ses;
mod wire;

pub use answer::{Answer, contract, documented_answers, given_answers};
pub use database::{Database, server};
pub use event::{Event, Payload};
pub use runtime::FunctionProcess;
pub use secrets::FakeSecretsManager;
pub use ses::{FakeSes, Mood, SentMail};
pub use wire::{Traffic, Wire};
