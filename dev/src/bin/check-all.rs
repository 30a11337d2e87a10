//! `cargo check-all`: everything that CI asks of a change and that needs nothing but cargo.
#![expect(clippy::print_stdout, reason = "what it says to the person at the terminal")]

use std::process::{Command, ExitCode};

/// In the order in which mistakes are cheapest to find.
const STEPS: [&[&str]; 6] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-Dwarnings"],
    &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
    &["test", "--workspace", "--locked"],
    // Of every platform, as cargo-deny looks at all of them.
    &["fetch", "--locked"],
    // Advisories need more than the package registries: hosted CI checks them.
    &["deny", "--all-features", "--offline", "check", "bans", "licenses", "sources"],
];

fn main() -> ExitCode {
    for step in STEPS {
        println!("\n== cargo {}", step.join(" "));
        let status = Command::new("cargo").args(step).env("RUSTDOCFLAGS", "-Dwarnings").status();
        if !status.is_ok_and(|status| status.success()) {
            println!("\ncargo {} failed", step.join(" "));
            if step[0] == "deny" {
                println!("(is it there? cargo install --locked cargo-deny)");
            }
            return ExitCode::FAILURE;
        }
    }
    println!("\nall is well");
    ExitCode::SUCCESS
}
