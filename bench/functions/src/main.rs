//! `cargo bench-functions`: how fast each function starts and answers, and how much memory it needs,
//! beside a function that does nothing and beside Argon2's reference implementation.

mod binaries;
mod error;
mod hashes;
mod kind;
mod measurement;
mod picture;
mod processor;
mod report;
mod stage;
mod surroundings;
mod verdict;

use std::{env, path::PathBuf, process::ExitCode};

use binaries::Binaries;
use error::Outcome;
use processor::Share;
use report::Results;
use stage::Stage;

const USAGE: &str = "usage: cargo bench-functions [--quick | --picture]
  --quick    binaries that are not optimized, and few rounds: shows that the measurement works
  --picture  also draws the picture in the README";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (is_quick, has_picture) = match arguments.as_slice() {
        [] => (false, false),
        [one] if one == "--quick" => (true, false),
        [one] if one == "--picture" => (false, true),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match measure(is_quick, has_picture).await {
        Ok(path) => {
            eprintln!("\nAll of it as JSON: {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\ncargo bench-functions: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(is_quick: bool, has_picture: bool) -> Outcome<PathBuf> {
    let binaries = Binaries::build(is_quick)?;
    let (rounds, requests) = if is_quick { (2, 20) } else { (15, 500) };
    let hashes = hashes::measure(&binaries, rounds)?;
    let mut packages = Vec::new();
    for function in ["register", "activate", "account", "site", "operate"] {
        packages.push((function, binaries.package_bytes(function)?));
    }
    let mut stage = Stage::set(binaries.clone()).await?;
    let cold = measurement::cold(&mut stage, None, rounds).await?;
    let quarter = Share::of_one_processor(25);
    let cold_on_a_quarter = match &quarter {
        Some(share) => measurement::cold(&mut stage, Some(share), rounds).await?,
        None => Vec::new(),
    };
    drop(quarter);
    let warm = measurement::warm(&mut stage, requests).await?;
    drop(stage);
    let mut stage = Stage::set(binaries.with_cheap_hashes()).await?;
    let warm_with_cheap_hashes = measurement::warm(&mut stage, requests).await?;
    let mut results = Results {
        is_release: !is_quick,
        hashes,
        packages_bytes: packages,
        cold,
        cold_on_a_quarter,
        warm,
        warm_with_cheap_hashes,
        targets: Vec::new(),
    };
    results.targets = verdict::judge(&results);
    results.print();
    if has_picture {
        eprintln!("\nThe picture: {}", picture::draw(&results)?);
    }
    results.write()
}
