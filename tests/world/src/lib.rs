//! Everything a story needs: the functions on a database of their own, with a fake SES.

mod arranged;
mod crowd;
mod function;
mod ledger;
mod memory;
mod operator;
mod person;
mod states;
mod time;
mod transaction;
mod visitor;

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use register::RegisterApp;
use serde_json::{Value, json};
use shared::{
    domain::password::cheap,
    process::Environment,
    storage::{Connector, Pool},
    testing::{
        Answer, Event, FakeS3, FakeSes, Payload, SentMail, TestDatabase, Traffic, Wire, in_role,
    },
};
use tokio::sync::OnceCell;

use function::{FUNCTIONS, Function, function_of};

pub use crowd::count;
pub use ledger::{AuditEntry, StoredAccount};
pub use memory::stays_small;
pub use operator::command;
pub use person::Person;
pub use time::Moment;
pub use transaction::Transaction;
pub use visitor::Visitor;

/// A key of 32 bytes, for tests only.
pub const KEY: &str = "first:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A password that the rules allow.
pub const PASSWORD: &str = "correct horse battery";

/// The functions, a database and a mail service.
pub struct World {
    /// The database.
    pub database: TestDatabase,
    /// The mail service.
    pub ses: FakeSes,
    /// Where operators put what is to be imported.
    pub s3: FakeS3,
    /// Which API sends the requests.
    pub payload: Payload,
    wire: Option<Wire>,
    variables: HashMap<String, String>,
    /// A function starts with the first request for it, as on Lambda.
    functions: [OnceCell<Function>; FUNCTIONS.len()],
}

impl World {
    /// With the settings as they are by default.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With some settings of its own.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new().await;
        let url = database.url();
        Self::on(database, &url, None, settings).await
    }

    /// With a proxy before the database that counts, hangs and hangs up.
    pub async fn on_the_wire(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new().await;
        let wire = Wire::before(database.config().clone()).await;
        let url = database.url_at(&wire.address);
        let world = Self::on(database, &url, Some(wire), settings).await;
        // What is counted is requests, not the connections before them.
        world.starts().await;
        world
    }

    /// On this database.
    pub async fn on(
        database: TestDatabase,
        url: &str,
        wire: Option<Wire>,
        settings: &[(&str, &str)],
    ) -> Self {
        let variables: HashMap<String, String> = [
            ("DATABASE_URL", url),
            ("MAIL_FROM", "no-reply@registration.example"),
            ("PUBLIC_URL", "https://registration.example"),
            ("SECRET_KEY", KEY),
        ]
        .iter()
        .chain(settings)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        // Tens of thousands of hashes: what a real one costs is told where the real functions run,
        // in `functions/*/tests` and `dev/tests`.
        cheap::turn_on();
        let ses = FakeSes::start().await;
        let payload = Payload::Rest;
        let s3 = FakeS3::start().await;
        let functions = <[_; _]>::default();
        Self { database, ses, s3, payload, wire, variables, functions }
    }

    /// Starts the functions anew with other settings, on the same database.
    pub fn is_deployed_with(&mut self, settings: &[(&str, &str)]) {
        for (name, value) in settings {
            self.variables.insert((*name).to_owned(), (*value).to_owned());
        }
        self.functions = <[_; _]>::default();
    }

    /// Sends a request to the function it is for.
    pub async fn send(&self, event: &Event) -> Answer {
        self.send_to(function_of(&event.path), event).await
    }

    /// Sends a request to this function, whatever its path.
    pub async fn send_to(&self, function: &str, event: &Event) -> Answer {
        let place = FUNCTIONS.iter().position(|name| *name == function).expect("its name");
        let function = self.function(place).await;
        // Boxed: it is the largest future of a story.
        let response = Box::pin(function.handle(event, self.payload)).await;
        Answer::to(event, &response)
    }

    /// Sends this very document, which an event was changed into, to the function that the event is for.
    pub async fn send_document(&self, event: &Event, document: &Value) -> Answer {
        let name = function_of(&event.path);
        let place = FUNCTIONS.iter().position(|its| *its == name).expect("its name");
        let function = self.function(place).await;
        Answer::to(event, &Box::pin(function.handle_document(document)).await)
    }

    /// Starts all functions before the first request.
    pub async fn starts(&self) {
        join_all((0..FUNCTIONS.len()).map(|place| self.function(place))).await;
    }

    async fn function(&self, place: usize) -> &Function {
        let start = || Function::start(FUNCTIONS[place], &self.variables, &self.ses);
        // Boxed: starting takes far more room than any request.
        Box::pin(self.functions[place].get_or_init(start)).await
    }

    /// More instances of the function that registers, on the same database: what they do at
    /// once is a real race.
    pub async fn instances(&self, count: usize) -> Vec<RegisterApp> {
        let environment = Environment::of(&self.variables_of("register"));
        let sdk_config = self.ses.sdk_config();
        let start = |_| RegisterApp::start(&environment, &sdk_config);
        let instances = join_all((0..count).map(start)).await;
        instances.into_iter().collect::<Result<_, _>>().expect("the settings are right")
    }

    /// A person with this address and the usual password, who has not signed up yet.
    pub fn person(&self, email: &str) -> Person<'_> {
        Person::new(self, email)
    }

    /// A person who has just signed up.
    pub async fn signs_up(&self, email: &str) -> Person<'_> {
        let mut person = self.person(email);
        person.signs_up().await.is(202);
        person
    }

    /// A person whose account is active.
    pub async fn has_account(&self, email: &str) -> Person<'_> {
        let person = self.signs_up(email).await;
        person.activates_with(&person.mailed_code()).await.is(200);
        person
    }

    /// The mails to this address, the oldest first.
    pub fn mails_to(&self, email: &str) -> Vec<SentMail> {
        self.ses.mails().into_iter().filter(|mail| mail.to == email).collect()
    }

    /// The settings that a function has: it reaches the database in the role of its name.
    pub fn variables_of(&self, function: &str) -> HashMap<String, String> {
        variables_of(&self.variables, function)
    }

    /// The same for a process of its own, which really calls its mail service.
    pub fn variables_with_aws(&self, function: &str) -> HashMap<String, String> {
        let aws = [
            ("AWS_ENDPOINT_URL_SESV2", self.ses.url()),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
        ];
        let aws = aws.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.variables_of(function).into_iter().chain(aws).collect()
    }

    /// What went over the wire to the database.
    pub fn traffic(&self) -> Traffic {
        self.wire().traffic()
    }

    /// The proxy before the database.
    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().expect("a world on the wire")
    }
}

fn variables_of(variables: &HashMap<String, String>, function: &str) -> HashMap<String, String> {
    let mut variables = variables.clone();
    let url = variables.get_mut("DATABASE_URL").expect("every function has a database");
    *url = in_role(url, function);
    variables
}

/// The header of HTTP Basic.
pub fn basic(email: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{email}:{password}")))
}

/// A code that is not this one.
pub fn wrong_code(code: &str) -> String {
    another(code, 1)
}

/// A code `steps` after this one.
pub fn another(code: &str, steps: u32) -> String {
    let number: u32 = code.parse().expect("digits");
    // The last digits of the sum: the carry beyond the first one is dropped.
    let digits = format!("{:0width$}", number + steps, width = code.len());
    digits[digits.len() - code.len()..].to_owned()
}

/// The body of a sign-up.
pub fn sign_up_body(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

/// The metrics among the lines that a function has printed: for each request, what it counted.
pub fn metrics(output: &str) -> Vec<Value> {
    let lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get("_aws").is_some()).collect()
}

/// The database as a function reaches it, but with the rights of the owner.
pub fn pool(world: &World) -> Pool {
    Pool::new(Connector::in_the_clear(world.database.config().clone()))
}
