//! Writes what the function serves: pages in every language, assets with their hash in the name,
//! and openapi.yaml as JSON.

#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

mod assets;
mod contract;
mod pages;
mod problems;

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

use serde_norway::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=pages");
    println!("cargo::rerun-if-changed=viewer");
    println!("cargo::rerun-if-changed=../../openapi.yaml");
    let out = env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    let out = Path::new(&out);

    let assets = assets::hashed(out)?;
    let contract: Value = serde_norway::from_str(&fs::read_to_string("../../openapi.yaml")?)?;
    let problems = problems::all(&contract)?;
    let pages = pages::rendered(out, &assets, &problems::as_html(&problems))?;
    let contract = contract::as_json(contract, &problems)?;
    fs::write(out.join("openapi.json"), &contract)?;
    let table = format!(
        "const ASSETS: &[Asset] = &[{}];\nconst PAGES: &[Page] = &[{pages}];\n\
         const CONTRACT: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/openapi.json\"));\n",
        assets.table()
    );
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

/// 48 bits of SHA-256: enough to tell the versions of one file apart.
fn hash(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let mut name = String::new();
    for byte in &sha2::Sha256::digest(bytes)[..6] {
        let _ = write!(name, "{byte:02x}");
    }
    name
}
