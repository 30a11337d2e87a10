//! A deployed stage on this machine: what surrounds the functions in AWS, on the wire.

use std::{collections::HashMap, path::PathBuf};

use serde_json::{Value, json};
use shared::testing::{
    Event, FakeRdsProxy, FakeSecretsManager, FakeSes, Payload, SentMail, TestDatabase,
};
use world::KEY;

use crate::{emulator::Emulator, events::Events};

/// The database behind its proxy, the mail service, the secret.
pub(crate) struct Stage {
    pub(crate) ses: FakeSes,
    database: TestDatabase,
    proxy: FakeRdsProxy,
    secrets: FakeSecretsManager,
    events: Events,
    payload: Payload,
}

/// An answer as API Gateway would pass it on.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) body: Value,
}

impl Stage {
    /// One whose functions get events of this kind.
    pub(crate) async fn new(payload: Payload) -> Self {
        Self::on(TestDatabase::new().await, payload).await
    }

    /// The same on this database.
    pub(crate) async fn on(database: TestDatabase, payload: Payload) -> Self {
        let proxy = FakeRdsProxy::before(database.config().clone()).await;
        Self {
            ses: FakeSes::start().await,
            database,
            proxy,
            secrets: FakeSecretsManager::holding(KEY).await,
            events: Events::generate(&path_of("SAM")),
            payload,
        }
    }

    /// A function of the template that logs in as this role.
    pub(crate) async fn function(&self, name: &str, role: &str) -> Emulator {
        self.start(name, self.in_role(role)).await
    }

    /// A function of the template that needs no database.
    pub(crate) async fn function_without_database(&self, name: &str) -> Emulator {
        let public_url = ("PUBLIC_URL".to_owned(), "https://registration.example".to_owned());
        self.start(name, [public_url].into()).await
    }

    /// The function that operators invoke, with the commands that it accepts.
    pub(crate) async fn operate(&self, name: &str, role: &str, commands: &str) -> Emulator {
        let mut variables = self.in_role(role);
        variables.insert("OPERATE_COMMANDS".to_owned(), commands.to_owned());
        self.start(name, variables).await
    }

    /// Sends a request to a function.
    pub(crate) async fn send(&self, function: &Emulator, request: &Event) -> Answer {
        let answer = function.invoke(&self.events.of(request, self.payload)).await;
        let body = answer["body"].as_str().unwrap_or_default();
        Answer {
            status: answer["statusCode"].as_u64().unwrap_or_default(),
            body: serde_json::from_str(body).unwrap_or_else(|_| json!(body)),
        }
    }

    /// The code in the newest mail.
    pub(crate) fn mailed_code(&self) -> String {
        let mails = self.ses.mails();
        mails.last().and_then(SentMail::code).expect("a mail with a code")
    }

    /// The token in the newest mail, which links to a new password.
    pub(crate) fn mailed_token(&self) -> String {
        let mails = self.ses.mails();
        mails.last().and_then(|mail| mail.token("/password")).expect("a mail with a link")
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.database.number(&format!("SELECT count(*) FROM {table}")).await
    }

    async fn start(&self, name: &str, variables: HashMap<String, String>) -> Emulator {
        let bootstrap = path_of("FUNCTIONS").join(name).join("bootstrap");
        Emulator::start(&emulator(), &bootstrap, &variables).await
    }

    /// The settings of the template, with this machine's addresses.
    fn in_role(&self, role: &str) -> HashMap<String, String> {
        let database = self.proxy.url(role);
        [
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.secrets.url()),
            ("AWS_ENDPOINT_URL_SESV2", self.ses.url()),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
            ("DATABASE_AUTH", "iam"),
            ("DATABASE_CA_FILE", self.proxy.ca_file()),
            ("DATABASE_URL", &database),
            ("MAIL_FROM", "no-reply@registration.example"),
            ("PUBLIC_URL", "https://registration.example"),
            ("SECRET_KEY_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }
}

/// The emulator is part of the SAM CLI's Python package.
fn emulator() -> PathBuf {
    let sam = path_of("SAM");
    let libraries = sam.parent().and_then(|bin| bin.parent()).expect("a venv").join("lib");
    let python = std::fs::read_dir(libraries).expect("a venv").flatten().next().expect("Python");
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let name = format!("samcli/local/rapid/aws-lambda-rie-{processor}");
    python.path().join("site-packages").join(name)
}

fn path_of(variable: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is missing")).into()
}
