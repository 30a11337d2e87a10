//! Prints the results, and writes them as JSON.
#![expect(clippy::print_stdout, reason = "the tables are the command's output")]

use std::{fs, path::PathBuf};

use serde::Serialize;
use tools::dev_folder;

use crate::{
    error::{BenchError, Outcome},
    hashes::Hashes,
    measurement::{Cold, Warm},
    verdict::Target,
};

/// All results.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    /// Whether the binaries were optimized, so that the targets mean something.
    pub(crate) is_release: bool,
    pub(crate) hashes: Hashes,
    pub(crate) packages_bytes: Vec<(&'static str, u32)>,
    pub(crate) cold: Vec<Cold>,
    /// With a quarter of a processor; empty where this user may not limit one.
    pub(crate) cold_on_a_quarter: Vec<Cold>,
    pub(crate) warm: Vec<Warm>,
    /// The same requests to functions whose hashes take no time, to see what is beside them.
    pub(crate) warm_with_cheap_hashes: Vec<Warm>,
    pub(crate) targets: Vec<Target>,
}

impl Results {
    pub(crate) fn print(&self) {
        let Hashes { ours_ms, memory_ms, native_ratio, .. } = self.hashes;
        println!(
            "\nA hash takes {ours_ms:.1} ms, {native_ratio:.2} × that of C for this very processor. Taking its memory: {memory_ms:.1} ms."
        );
        print_cold("Starts, with a whole processor", &self.cold);
        if self.cold_on_a_quarter.is_empty() {
            println!("\nNo starts with a quarter of a processor: only root may limit one here.");
        } else {
            print_cold("Starts, with a quarter of a processor", &self.cold_on_a_quarter);
        }
        println!(
            "\nLater requests                    ms  CPU ms  beside the hash  cheap hash  peak MiB"
        );
        for (warm, cheap) in self.warm.iter().zip(&self.warm_with_cheap_hashes) {
            let name = format!("{}: {}", warm.kind.function(), warm.kind.request());
            println!(
                "  {name:28} {:7.2} {:7.2} {:16.2} {:11.2} {:9.1}",
                warm.ms,
                warm.processor_ms,
                warm.beside_hash_ms,
                cheap.beside_hash_ms,
                warm.peak_mib
            );
        }
        println!("\nTargets                                         measured   at most");
        for target in &self.targets {
            let Target { what, measured, most, unit, holds } = target;
            let verdict = if *holds { "holds" } else { "MISSED" };
            println!("  {what:44} {measured:7.2} {most:9.2} {unit:3}  {verdict}");
        }
        if !self.is_release {
            println!(
                "\nThese binaries are not optimized: the targets are for a run without --quick."
            );
        }
    }

    /// Returns the path of the file.
    pub(crate) fn write(&self) -> Outcome<PathBuf> {
        let path = dev_folder().join("bench/functions.json");
        let document = serde_json::to_string_pretty(self).expect("numbers and names");
        fs::write(&path, document + "\n").map_err(BenchError::at("write the results"))?;
        Ok(path)
    }
}

fn print_cold(title: &str, cold: &[Cold]) {
    println!("\n{title:38} init ms  CPU ms  memory  × hello   first ms  CPU ms");
    for cold in cold {
        let name = format!("{}: {}", cold.kind.function(), cold.kind.request());
        println!(
            "  {name:36} {:7.1} {:7.1} {:7.1} {:8.2} {:10.1} {:7.1}",
            cold.init_ms,
            cold.init_processor_ms,
            cold.memory_ms,
            cold.init_ratio,
            cold.first_ms,
            cold.first_processor_ms
        );
    }
}
