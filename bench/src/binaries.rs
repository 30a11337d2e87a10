//! Runs the functions' binaries, each in a process and in the database role of its name.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use shared::testing::{FunctionProcess, in_role};
use tokio::time::timeout;

use crate::error::{BenchError, Outcome};

/// The measured functions; `site` has no database. `bench-function` runs each of the first three
/// with cheap hashes. A commit without it is measured with its own binaries.
const FUNCTIONS: [&str; 4] = ["register", "activate", "account", "operate"];
const CHEAP: &str = "bench-function";

/// Longer than `purge` needs with ten million accounts.
const OPERATE_DEADLINE: Duration = Duration::from_mins(15);

/// The binaries of one commit.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds the binaries of this workspace.
    pub(crate) fn build() -> Outcome<Self> {
        let options: &[&str] =
            if cfg!(debug_assertions) { &["--quiet"] } else { &["--quiet", "--release"] };
        Self::of(tools::build(&[&FUNCTIONS[..], &[CHEAP]].concat(), options)?)
    }

    /// The binaries in a folder.
    pub(crate) fn of(folder: PathBuf) -> Outcome<Self> {
        // The working folder of a function may differ.
        let folder = folder.canonicalize().unwrap_or(folder);
        for function in FUNCTIONS {
            let path = folder.join(function);
            if !path.is_file() {
                return Err(BenchError::NoBinary(path.display().to_string()));
            }
        }
        Ok(Self { folder })
    }

    /// Starts a function that has routes.
    pub(crate) async fn start(&self, function: &str, url: &str, ses_url: &str) -> FunctionProcess {
        let mut variables = variables(&in_role(url, function), ses_url);
        variables.insert("BENCH_FUNCTION".to_owned(), function.to_owned());
        let has_cheap = self.folder.join(CHEAP).is_file();
        self.run(if has_cheap { CHEAP } else { function }, variables).await
    }

    /// Runs `migrate` as the schema's owner.
    pub(crate) async fn migrate(&self, url: &str) -> Outcome<Value> {
        self.operate("migrate", url).await
    }

    /// Runs `purge` in the role `maintain`.
    pub(crate) async fn purge(&self, url: &str) -> Outcome<Value> {
        self.operate("purge", &in_role(url, "maintain")).await
    }

    async fn operate(&self, command: &str, url: &str) -> Outcome<Value> {
        let mut variables = variables(url, "");
        variables.insert("OPERATE_COMMANDS".to_owned(), command.to_owned());
        let mut operate = self.run("operate", variables).await;
        let event = json!({ "command": command });
        let answer = timeout(OPERATE_DEADLINE, operate.invoke(&event)).await;
        let answer = answer.map_err(|_| BenchError::Silent(command.to_owned()))?;
        answer.map_err(|error| BenchError::Operate(error.to_string()))
    }

    async fn run(&self, function: &str, variables: HashMap<String, String>) -> FunctionProcess {
        let path = self.folder.join(function);
        FunctionProcess::start_unheard(&path.to_string_lossy(), &variables).await
    }
}

/// The settings of a deployment. All limits keep their defaults, so every request writes all of
/// them.
fn variables(url: &str, ses_url: &str) -> HashMap<String, String> {
    [
        ("DATABASE_URL", url),
        ("MAIL_FROM", "no-reply@registration.example"),
        ("PUBLIC_URL", "https://registration.example"),
        ("SECRET_KEY", "first:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        // A code must outlive the requests between its email and its use.
        ("CODE_LIFETIME_SECONDS", "3600"),
        ("AWS_ENDPOINT_URL_SESV2", ses_url),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}
