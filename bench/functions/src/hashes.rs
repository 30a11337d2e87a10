//! One Argon2 hash, beside the reference implementation in C.

use std::{fs, process::Command};

use bench::{Progress, median};
use serde::{Deserialize, Serialize};
use tools::{argon2_reference, dev_folder, workspace};

use crate::{
    binaries::Binaries,
    error::{BenchError, Outcome},
};

const SOURCES: [&str; 6] =
    ["argon2.c", "core.c", "encoding.c", "opt.c", "thread.c", "blake2/blake2b.c"];

/// What a program of one implementation measured, in milliseconds.
#[derive(Deserialize)]
struct Run {
    memory: f64,
    first: f64,
    later: Vec<f64>,
}

/// Processor times in milliseconds: medians over processes. Of the later hashes of a process the fastest counts, because
/// nothing but the machine makes another one slower.
#[derive(Debug, Serialize)]
pub(crate) struct Hashes {
    pub(crate) ours_ms: f64,
    pub(crate) memory_ms: f64,
    /// The first hash of a process beside later ones.
    pub(crate) first_ratio: f64,
    /// Ours beside C that was compiled for Lambda's processors.
    pub(crate) reference_ratio: f64,
    /// Ours beside C that was compiled for this very processor.
    pub(crate) native_ratio: f64,
}

pub(crate) fn measure(binaries: &Binaries, rounds: usize) -> Outcome<Hashes> {
    let portable = if cfg!(target_arch = "x86_64") { "-mavx2" } else { "-mcpu=neoverse-n1" };
    let native = if cfg!(target_arch = "x86_64") { "-march=native" } else { "-mcpu=native" };
    let ours = binaries.path("hash");
    let (portable, native) =
        (compile("argon2-lambda", portable)?, compile("argon2-native", native)?);
    let mut progress = Progress::start("hashes, beside C", rounds);
    let mut runs = Vec::new();
    for _ in 0..rounds {
        runs.push([run(&ours)?, run(&portable)?, run(&native)?]);
        progress.advance(1);
    }
    let of = |number: fn(&[Run; 3]) -> f64| median(runs.iter().map(number).collect());
    Ok(Hashes {
        ours_ms: of(|[ours, ..]| ours.fastest_ms()),
        memory_ms: of(|[ours, ..]| ours.memory),
        first_ratio: of(|[ours, ..]| ours.first / ours.fastest_ms()),
        reference_ratio: of(|[ours, portable, _]| ours.fastest_ms() / portable.fastest_ms()),
        native_ratio: of(|[ours, _, native]| ours.fastest_ms() / native.fastest_ms()),
    })
}

/// Compiles the reference, as its own makefile does, into a program that prints its times.
fn compile(name: &str, target: &str) -> Outcome<String> {
    let (reference, folder) = (argon2_reference()?, dev_folder().join("bench"));
    fs::create_dir_all(&folder).map_err(BenchError::at("create a folder"))?;
    let program = folder.join(name);
    let mut cc = Command::new("cc");
    cc.args(["-O3", "-std=gnu99", target, "-pthread", "-I"]).arg(reference.join("include"));
    cc.arg("-o").arg(&program).arg(workspace().join("bench/functions/reference/hash.c"));
    cc.args(SOURCES.map(|source| reference.join("src").join(source)));
    let status = cc.status().map_err(BenchError::at("run cc"))?;
    if !status.success() {
        return Err(BenchError::NoReference);
    }
    Ok(program.to_string_lossy().into_owned())
}

fn run(program: &str) -> Outcome<Run> {
    const LATER: &str = "10";
    let output = Command::new(program).arg(LATER).output();
    let output = output.map_err(BenchError::at(format!("run {program}")))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|error| BenchError::Unreadable(program.to_owned(), error))
}

impl Run {
    fn fastest_ms(&self) -> f64 {
        self.later.iter().copied().fold(f64::INFINITY, f64::min)
    }
}
