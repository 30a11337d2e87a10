//! The functions that have routes, each in its own role.

use std::collections::HashMap;

use account::AccountApp;
use activate::ActivateApp;
use lambda_http::{Body, Response};
use register::RegisterApp;
use serde_json::Value;
use shared::{
    process::Environment,
    testing::{Event, FakeSes, Payload, send_document},
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
            "register" => RegisterApp::start(&environment, &sdk_config).await.map(Self::Register),
            "activate" => ActivateApp::start(&environment, &sdk_config).await.map(Self::Activate),
            _ => AccountApp::start(&environment, &sdk_config).await.map(Self::Account),
        };
        started.expect("the settings are right")
    }

    /// Sends it a request.
    pub(crate) async fn handle(&self, event: &Event, payload: Payload) -> Response<Body> {
        self.handle_document(&event.document(payload)).await
    }

    /// Sends it what may be no request.
    pub(crate) async fn handle_document(&self, document: &Value) -> Response<Body> {
        match self {
            Self::Register(app) => send_document(document, app).await,
            Self::Activate(app) => send_document(document, app).await,
            Self::Account(app) => send_document(document, app).await,
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
