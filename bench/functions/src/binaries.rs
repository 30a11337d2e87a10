//! Builds what is measured: the functions as they are deployed, and the yardsticks beside them.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::DeflateEncoder};
use tools::workspace;

use crate::error::{BenchError, Outcome};

const BINARIES: [&str; 9] = [
    "register",
    "activate",
    "account",
    "site",
    "operate",
    "hello",
    "hello-database",
    "hello-mail",
    "hash",
];

/// The oldest x86-64 processor of Lambda, for which `cargo lambda build` compiles.
const LAMBDA_CPU: &str = r#"build.rustflags=["-C", "target-cpu=haswell"]"#;

/// A folder of binaries.
pub(crate) struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds them. A quick build is that of `cargo test`, which is not optimized.
    pub(crate) fn build(is_quick: bool) -> Outcome<Self> {
        let mut build = Command::new("cargo");
        build.args(["build", "--quiet"]).current_dir(workspace());
        for binary in BINARIES {
            build.args(["--bin", binary]);
        }
        if !is_quick {
            eprintln!(
                "building the functions as for a deployment (up to ten minutes, the first time) …"
            );
            build.arg("--release");
            if cfg!(target_arch = "x86_64") {
                build.args(["--config", LAMBDA_CPU]);
            }
        }
        // `cargo run` set these for this package.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                build.env_remove(&*name);
            }
        }
        let status = build.status().map_err(BenchError::at("run cargo"))?;
        if !status.success() {
            return Err(BenchError::Build("cargo build".into()));
        }
        let own = std::env::current_exe().map_err(BenchError::at("find the build folder"))?;
        let target = own.ancestors().nth(2).unwrap_or(Path::new("target"));
        Ok(Self { folder: target.join(if is_quick { "debug" } else { "release" }) })
    }

    pub(crate) fn path(&self, binary: &str) -> String {
        self.folder.join(binary).to_string_lossy().into_owned()
    }

    /// The size of the package that Lambda would download, in bytes.
    pub(crate) fn package_bytes(&self, binary: &str) -> Outcome<u32> {
        let path = self.path(binary);
        let content = fs::read(&path).map_err(|_| BenchError::NoBinary(path))?;
        let mut package = DeflateEncoder::new(Vec::new(), Compression::default());
        let compressed = package.write_all(&content).and_then(|()| package.finish());
        let bytes = compressed.map_err(BenchError::at("compress a binary"))?.len();
        Ok(u32::try_from(bytes).expect("Lambda takes no package of 4 GiB"))
    }
}
