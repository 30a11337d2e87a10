//! Cargo, started by a program that `cargo run` started.

use std::{env, path::PathBuf, process::Command};

use crate::{Ending, Leash, ToolError, workspace};

/// Builds programs of this workspace, with options of `cargo build`. Returns the folder that they are
/// in, which is the one of the running program or beside it.
pub fn build(programs: &[&str], options: &[&str]) -> Result<PathBuf, ToolError> {
    let mut build = Leash::command("cargo", &Ending::default());
    build.arg("build").args(options).current_dir(workspace());
    for program in programs {
        // Not `-p`, which would select other features of shared dependencies.
        build.args(["--bin", program]);
    }
    without_cargo_variables(&mut build);
    if !Leash::start(build)?.wait()?.success() {
        return Err(ToolError::Build);
    }
    let own = env::current_exe().unwrap_or_default();
    let profile = if options.contains(&"--release") { "release" } else { "debug" };
    Ok(own.ancestors().nth(2).unwrap_or(&own).join(profile))
}

/// Removes the variables that `cargo run` set for the package of this program, which would mislead
/// another cargo.
pub fn without_cargo_variables(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
}
