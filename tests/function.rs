//! The functions that have routes, each in its own role.

use std::collections::HashMap;

use account::Account;
use activate::Activate;
use lambda_http::{Body, Request, Response};
use register::Register;
use shared::{process::Environment, testing::FakeSes};

use crate::variables_of;

/// A function that has routes.
pub(crate) enum Function {
    Register(Register),
    Activate(Activate),
    Account(Account),
}

/// Their names.
pub(crate) const FUNCTIONS: [&str; 3] = ["register", "activate", "account"];

impl Function {
    /// Starts one as it is deployed.
    pub(crate) async fn start(
        name: &str,
        variables: &HashMap<String, String>,
        ses: &FakeSes,
    ) -> Self {
        let environment = Environment::of(&variables_of(variables, name));
        let sdk_config = ses.sdk_config();
        let started = match name {
            "register" => Register::start(&environment, sdk_config).await.map(Self::Register),
            "activate" => Activate::start(&environment, sdk_config).await.map(Self::Activate),
            _ => Account::start(&environment, sdk_config).await.map(Self::Account),
        };
        started.expect("the settings are right")
    }

    /// Sends it a request.
    pub(crate) async fn handle(&self, request: Request) -> Response<Body> {
        match self {
            Self::Register(register) => register.handle(request).await,
            Self::Activate(activate) => activate.handle(request).await,
            Self::Account(account) => account.handle(request).await,
        }
    }
}

/// The name of the function that a path leads to.
pub(crate) fn function_of(path: &str) -> &'static str {
    match path.split('/').nth(1).unwrap_or_default() {
        "register" | "resend" | "not-me" => "register",
        "login" | "logout" | "password" | "users" => "account",
        _ => "activate",
    }
}
