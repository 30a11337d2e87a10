//! No circles: a crate uses only earlier ones in `CRATES`; a module of `shared` uses only those above it in
//! the list in `lib.rs`.

use std::{collections::BTreeMap, fs, path::Path};

use crate::templates::text;

/// The crates of `shared`, from the bottom. `words` has no code of ours below it.
const CRATES: [&str; 5] = ["words", "domain", "process", "web", "shared"];

/// Each module with the text of its files, in the order of the map.
fn modules(map: &str, folder: &str) -> Vec<(String, String)> {
    let names = map.lines().filter_map(|line| line.strip_prefix("//! - [`")?.split_once("`]"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let own = names.map(|(name, _)| name).filter(|name| !CRATES.contains(name));
    own.map(|name| {
        let mut code = String::new();
        read(&root.join(format!("{name}.rs")), &mut code);
        read(&root.join(name), &mut code);
        assert!(!code.is_empty(), "the map names `{name}`, which is not there");
        (name.to_owned(), code)
    })
    .collect()
}

/// The text of a file, or of all Rust files below a folder, without tests.
fn read(path: &Path, code: &mut String) {
    if let Ok(text) = fs::read_to_string(path) {
        code.push_str(text.split("#[cfg(test)]").next().unwrap());
    }
    for entry in fs::read_dir(path).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.extension().is_some_and(|kind| kind == "rs") {
            read(&path, code);
        }
    }
}

/// The modules that a text imports by `use crate::name` or `use crate::{name…}`, or names in code.
fn used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        match rest.strip_prefix('{') {
            None => used.push(rest.chars().take_while(|c| is_name(*c)).collect()),
            Some(list) => {
                let mut depth = 0;
                let list = list.split_once("};").map_or(list, |(list, _)| list);
                let mut name = String::new();
                for c in list.chars().chain([',']) {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' | ':' if depth == 0 => used.push(std::mem::take(&mut name)),
                        c if depth == 0 && (is_name(c) || c.is_ascii_uppercase()) => name.push(c),
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

#[test]
fn a_module_of_shared_uses_only_those_above_it_in_the_map() {
    let map = text("shared/src/lib.rs");
    let modules = modules(&map, "shared/src");
    let order: BTreeMap<_, _> =
        modules.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect();
    assert!(order.len() > 6, "{order:?}");
    for declared in map.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let name = declared.trim_end_matches(';');
        assert!(name == "testing" || order.contains_key(name), "the map lacks `{name}`");
    }
    for (name, code) in &modules {
        for used in used(code) {
            let Some(place) = order.get(&used) else { continue };
            assert!(
                place <= &order[name],
                "`{name}` uses `{used}`, which comes after it in the map"
            );
        }
    }
}

#[test]
fn a_crate_depends_only_on_those_below_it() {
    for (place, name) in CRATES.iter().enumerate() {
        let folder = match *name {
            "words" => "words".to_owned(),
            "shared" => "shared".to_owned(),
            other => format!("shared/{other}"),
        };
        let manifest: toml::Table = text(&format!("{folder}/Cargo.toml")).parse().unwrap();
        for dependency in
            manifest.get("dependencies").and_then(|it| it.as_table()).into_iter().flatten()
        {
            let above = CRATES[place..].contains(&dependency.0.as_str());
            assert!(!above, "`{name}` depends on `{}`", dependency.0);
        }
    }
    // The pages start without a database and without the SDK.
    let site: toml::Table = text("functions/site/Cargo.toml").parse().unwrap();
    assert!(!site["dependencies"].as_table().unwrap().contains_key("shared"));
}
