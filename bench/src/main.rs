//! `cargo bench-statements`: what each SQL statement costs, and how that grows with the accounts.
#![expect(clippy::print_stdout, reason = "output for the person at the terminal")]

mod arguments;
mod binaries;
mod cost;
mod error;
mod fill;
mod huge_pages;
mod journeys;
mod json;
mod ledger;
mod measurement;
mod person;
mod purge;
mod report;
mod server;
mod statements;
mod verdict;
mod world;

use std::{env, path::PathBuf, process::ExitCode};

use arguments::{Plan, USAGE};
use error::Outcome;
use verdict::Verdict;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(plan) = arguments::read(env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&plan).await {
        Ok(path) => {
            println!("\nAll of it as JSON: {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\ncargo bench-statements: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(plan: &Plan) -> Outcome<PathBuf> {
    let measurement = measurement::measure(plan).await?;
    let verdict = Verdict::of(&measurement);
    report::print(&measurement, &verdict);
    json::write(&measurement, &verdict)
}
