//! `cargo check-all`: every check of CI that needs only cargo.
#![expect(clippy::print_stdout, reason = "output for the person at the terminal")]

use std::process::{Command, ExitCode};

/// Cheap checks first.
const STEPS: [&[&str]; 6] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-Dwarnings"],
    &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
    &["test", "--workspace", "--locked"],
    // For every platform, because cargo-deny checks all of them.
    &["fetch", "--locked"],
    // Hosted CI checks advisories, which need network access beyond the package registries.
    &["deny", "--all-features", "--offline", "check", "bans", "licenses", "sources"],
];

fn main() -> ExitCode {
    for step in STEPS {
        println!("\n== cargo {}", step.join(" "));
        let status = Command::new("cargo").args(step).env("RUSTDOCFLAGS", "-Dwarnings").status();
        if !status.is_ok_and(|status| status.success()) {
            println!("\ncargo {} failed", step.join(" "));
            if step[0] == "deny" {
                println!("(is it installed? cargo install --locked cargo-deny@0.20.2)");
            }
            return ExitCode::FAILURE;
        }
    }
    println!("\nall checks passed");
    ExitCode::SUCCESS
}
