//! The functions that have routes, each in its own role.

use std::collections::HashMap;

use account::AccountApp;
use activate::ActivateApp;
use lambda_http::{Body, Response};
use register::RegisterApp;
use shared::{
    process::Environment,
    testing::{Event, FakeSes, Payload},
};

use crate::variables_of;

/// A function that has routes.
pub(crate) enum Function {
    Register(RegisterApp),
    Activate(ActivateApp),
    Account(AccountApp),
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
            "register" => RegisterApp::start(&environment, sdk_config).await.map(Self::Register),
            "activate" => ActivateApp::start(&environment, sdk_config).await.map(Self::Activate),
            _ => AccountApp::start(&environment, sdk_config).await.map(Self::Account),
        };
        started.expect("the settings are right")
    }

    /// Sends it a request.
    pub(crate) async fn handle(&self, event: &Event, payload: Payload) -> Response<Body> {
        match self {
            Self::Register(app) => event.send_to(app, payload).await,
            Self::Activate(app) => event.send_to(app, payload).await,
            Self::Account(app) => event.send_to(app, payload).await,
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
