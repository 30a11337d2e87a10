//! Builds what is measured: the functions as they are deployed, and the yardsticks beside them.

use std::{fs, io::Write as _, path::PathBuf};

use flate2::{Compression, write::DeflateEncoder};

use crate::error::{BenchError, Outcome};

const BINARIES: [&str; 10] = [
    "register",
    "activate",
    "account",
    "site",
    "operate",
    "hello",
    "hello-database",
    "hello-mail",
    "hash",
    CHEAP,
];

/// Runs each of these functions with cheap hashes.
const CHEAP: &str = "bench-function";
const HASHING: [&str; 3] = ["register", "activate", "account"];

/// The oldest x86-64 processor of Lambda, for which `cargo lambda build` compiles.
const LAMBDA_CPU: &str = r#"build.rustflags=["-C", "target-cpu=haswell"]"#;

/// A folder of binaries.
#[derive(Clone)]
pub(crate) struct Binaries {
    folder: PathBuf,
    has_cheap_hashes: bool,
}

impl Binaries {
    /// Builds them. A quick build is that of `cargo test`, which is not optimized.
    pub(crate) fn build(is_quick: bool) -> Outcome<Self> {
        let mut options = vec!["--quiet"];
        if !is_quick {
            eprintln!("building as for a deployment (up to twenty minutes, the first time) …");
            options.push("--release");
            if cfg!(target_arch = "x86_64") {
                options.extend(["--config", LAMBDA_CPU]);
            }
        }
        Ok(Self { folder: tools::build(&BINARIES, &options)?, has_cheap_hashes: false })
    }

    /// The same functions with hashes that take no time, to measure what is beside them: a hash empties
    /// the processor's caches, which costs every other thread time, too.
    pub(crate) fn with_cheap_hashes(&self) -> Self {
        Self { has_cheap_hashes: true, ..self.clone() }
    }

    /// The program that runs a function.
    pub(crate) fn function(&self, name: &str) -> String {
        let is_cheap = self.has_cheap_hashes && HASHING.contains(&name);
        self.path(if is_cheap { CHEAP } else { name })
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
