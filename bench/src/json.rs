//! Writes the results as JSON, for programs.

use std::{fs, path::PathBuf};

use bench::median;
use serde_json::{Value, json};
use tools::dev_folder;

use crate::{
    error::{BenchError, Outcome},
    ledger::Ledger,
    measurement::{Measured, Measurement},
    verdict::Verdict,
};

/// Returns the path of the file.
pub(crate) fn write(measurement: &Measurement, verdict: &Verdict) -> Outcome<PathBuf> {
    let folder = dev_folder().join("bench");
    let path = folder.join("statements.json");
    let failed = |error| BenchError::Write(path.display().to_string(), error);
    fs::create_dir_all(&folder).map_err(failed)?;
    let document = json!({
        "rounds": measurement.rounds,
        "cold_starts": measurement.cold_starts,
        "huge_pages": measurement.has_huge_pages,
        "databases": measurement.worlds.iter().map(database).collect::<Vec<_>>(),
        "verdict": verdict,
    });
    fs::write(&path, format!("{document:#}\n")).map_err(failed)?;
    Ok(path)
}

fn database(world: &Measured) -> Value {
    json!({
        "side": world.side,
        "accounts": world.size,
        "later": requests(&world.warm),
        "first_on_a_connection": requests(&world.cold),
        "purge": world.purged,
    })
}

/// Medians for one request.
fn requests(ledger: &Ledger) -> Vec<Value> {
    ledger
        .requests()
        .map(|request| {
            json!({
                "request": request,
                "database_ms": median(ledger.sums_ms(&[request])),
                "statements": ledger.statements(request),
            })
        })
        .collect()
}
