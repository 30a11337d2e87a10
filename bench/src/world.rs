//! A database of one size, and the functions of one commit that use it.

use std::{collections::HashMap, rc::Rc, time::Duration};

use serde_json::Value;
use shared::testing::{Event, FakeSes, FunctionProcess, Payload, SentMail};
use tokio::time::timeout;
use tokio_postgres::Client;

use crate::{
    binaries::Binaries,
    error::{BenchError, Outcome},
    ledger::Ledger,
    person::Person,
    server::{Server, connect},
    statements,
};

/// Longer than a request can take: a function itself gives up after five seconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// The ledger that records the costs of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recording {
    Off,
    Warm,
    Cold,
}

/// Functions, their database and their mail service.
pub(crate) struct World {
    /// The commit of the functions: `now` or `before`.
    pub(crate) side: &'static str,
    /// The number of accounts at the start.
    pub(crate) size: u32,
    pub(crate) warm: Ledger,
    pub(crate) cold: Ledger,
    pub(crate) recording: Recording,
    pub(crate) database: Client,
    pub(crate) binaries: Binaries,
    pub(crate) url: String,
    server: Rc<Server>,
    name: String,
    ses: FakeSes,
    /// The newest email to each address.
    mails: HashMap<String, SentMail>,
    functions: HashMap<&'static str, FunctionProcess>,
    people: u32,
}

impl World {
    /// With an empty database.
    pub(crate) async fn new(
        server: &Rc<Server>,
        (side, binaries): (&'static str, &Binaries),
        accounts: u32,
    ) -> Outcome<Self> {
        let name = format!("{side}_{accounts}");
        let url = server.create(&name).await?;
        binaries.migrate(&url).await?;
        Ok(Self {
            side,
            size: accounts,
            warm: Ledger::default(),
            cold: Ledger::default(),
            recording: Recording::Off,
            database: connect(&url).await?,
            binaries: binaries.clone(),
            url,
            server: Rc::clone(server),
            name,
            ses: FakeSes::start().await,
            mails: HashMap::new(),
            functions: HashMap::new(),
            people: 0,
        })
    }

    /// New people.
    pub(crate) fn people(&mut self, count: usize) -> Vec<Person> {
        let mut person = |_| {
            self.people += 1;
            Person::new(self.people)
        };
        (0..count).map(&mut person).collect()
    }

    /// Ends a function's process, so that its next request starts a new one.
    pub(crate) fn end(&mut self, function: &str) {
        self.functions.remove(function);
    }

    /// Sends requests of one kind, and records their cost.
    pub(crate) async fn measure(
        &mut self,
        request: &'static str,
        status: u64,
        events: &[Event],
    ) -> Outcome<Vec<Value>> {
        let recording = self.recording;
        if recording == Recording::Off {
            return self.send_all(status, events).await;
        }
        let server = Rc::clone(&self.server);
        statements::reset(&server.statistics, &self.name).await?;
        let answers = self.send_all(status, events).await?;
        let counted = statements::counted(&server.statistics, &self.name).await?;
        let ledger = if recording == Recording::Cold { &mut self.cold } else { &mut self.warm };
        ledger.enter(request, counted, events.len());
        Ok(answers)
    }

    /// Sends requests that are not measured.
    pub(crate) async fn send_all(&mut self, status: u64, events: &[Event]) -> Outcome<Vec<Value>> {
        let mut answers = Vec::with_capacity(events.len());
        for event in events {
            answers.push(self.send(status, event).await?);
        }
        let mails = self.ses.take_mails();
        self.mails.extend(mails.into_iter().map(|mail| (mail.to.clone(), mail)));
        Ok(answers)
    }

    async fn send(&mut self, expected: u64, event: &Event) -> Outcome<Value> {
        let request = || format!("{} {} ({}, {})", event.method, event.path, self.side, self.size);
        let function = function_of(&event.path);
        if !self.functions.contains_key(function) {
            let process = self.binaries.start(function, &self.url, self.ses.url()).await;
            self.functions.insert(function, process);
        }
        let Some(process) = self.functions.get_mut(function) else {
            unreachable!("it was started above")
        };
        let answer = timeout(DEADLINE, process.send(event, Payload::Rest)).await;
        let (status, body) = answer.map_err(|_| BenchError::Silent(request()))?;
        if status != expected {
            return Err(BenchError::Answer { request: request(), status, expected, body });
        }
        Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// Makes every page be written whole at its next change. Without this, a small database would
    /// soon have no such page left and look cheaper than a large one.
    pub(crate) async fn checkpoint(&self) -> Outcome<()> {
        Ok(self.database.batch_execute("CHECKPOINT").await?)
    }

    /// The costs since [`World::reset_statistics`].
    pub(crate) async fn counted(&self) -> Outcome<statements::Counted> {
        statements::counted(&self.server.statistics, &self.name).await
    }

    pub(crate) async fn reset_statistics(&self) -> Outcome<()> {
        statements::reset(&self.server.statistics, &self.name).await
    }

    /// The code in the newest email to this person.
    pub(crate) fn mailed_code(&self, person: &Person) -> Outcome<String> {
        let code = self.mails.get(&person.email).and_then(SentMail::code);
        code.ok_or_else(|| BenchError::Mail(person.email.clone(), "code"))
    }

    /// The token of the link to this page in the newest email to this person.
    pub(crate) fn mailed_token(&self, person: &Person, page: &str) -> Outcome<String> {
        let token = self.mails.get(&person.email).and_then(|mail| mail.token(page));
        token.ok_or_else(|| BenchError::Mail(person.email.clone(), "link"))
    }
}

/// The function that serves a path.
fn function_of(path: &str) -> &'static str {
    match path.split('/').nth(1).unwrap_or_default() {
        "register" | "resend" | "not-me" => "register",
        "login" | "logout" | "password" | "users" => "account",
        _ => "activate",
    }
}
