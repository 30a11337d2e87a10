//! For tests: a database per test, a fake SES, real API Gateway events, answers held against
//! the contract.

mod answer;
mod certificates;
mod database;
mod event;
mod exchange;
mod rds_proxy;
mod runtime;
mod s3;
mod secrets;
mod ses;
mod wire;

pub use answer::{Answer, contract, documented_answers};
pub use certificates::{Authority, Certificate};
pub use database::{TestDatabase, in_role, server};
pub use event::{Event, Payload, send_document};
pub use rds_proxy::FakeRdsProxy;
pub use runtime::FunctionProcess;
pub use s3::{Delivery, FakeS3};
pub use secrets::FakeSecretsManager;
pub use ses::{FakeSes, Mood, SentMail};
pub use wire::{Traffic, Wire};

use aws_credential_types::Credentials;

/// What every function of a test signs its requests to AWS with, in the region `eu-west-1`.
pub fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI", None, None, "test")
}
