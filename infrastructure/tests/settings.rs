//! Each setting is a parameter, and reaches the functions that read it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::templates::{resource, text, yaml};

/// What the template itself knows, or what has a value for every function.
const NOT_PARAMETERS: [&str; 8] = [
    "AWS_ENDPOINT_URL_SESV2",
    "DATABASE_AUTH",
    "DATABASE_CA_FILE",
    "DATABASE_URL",
    "MAIL_CONFIGURATION_SET",
    "OPERATE_COMMANDS",
    "PUBLIC_URL",
    "SECRET_KEY",
];

/// Words that look like the name of an environment variable.
fn names(code: &str) -> BTreeSet<String> {
    let words = code.split('"').skip(1).step_by(2);
    let is_name = |word: &&str| {
        word.contains('_') && word.chars().all(|it| it.is_ascii_uppercase() || it == '_')
    };
    words.filter(is_name).map(str::to_owned).collect()
}

/// The settings that each function of `shared::config` reads.
fn readers() -> BTreeMap<String, BTreeSet<String>> {
    let code = text("shared/src/config/mod.rs");
    let functions = code.split("\npub fn ").skip(1).map(|function| {
        let (name, body) = function.split_once('(').unwrap();
        (name.to_owned(), body.split_once("\n}\n").unwrap().0.to_owned())
    });
    let functions: BTreeMap<_, _> = functions.collect();
    let read = |body: &String| {
        let called =
            functions.iter().filter(|(name, _)| body.contains(&format!("{name}(environment)")));
        called.flat_map(|(_, body)| names(body)).chain(names(body)).collect()
    };
    functions.iter().map(|(name, body)| (name.clone(), read(body))).collect()
}

/// The settings that a function of the service reads, apart from those of `NOT_PARAMETERS`.
fn settings_of(function: &str) -> BTreeSet<String> {
    let code = text(&format!("functions/{function}/src/lib.rs"));
    let read: BTreeSet<_> = if function == "site" {
        names(&code).into_iter().filter(|name| name != "OUT_DIR").collect()
    } else {
        let readers = readers();
        let called = readers.iter().filter(|(name, _)| code.contains(&format!("config::{name}(")));
        called.flat_map(|(_, names)| names.clone()).collect()
    };
    read.into_iter().filter(|name| !NOT_PARAMETERS.contains(&name.as_str())).collect()
}

/// The parameter whose meaning begins with the setting's name, and its default.
fn parameters() -> BTreeMap<String, (String, String)> {
    let template = yaml("template.yaml");
    let described = template["Parameters"].as_object().unwrap().iter().filter_map(|(name, it)| {
        let (setting, _) = it["Description"].as_str()?.split_once(": ")?;
        let default = it["Default"].to_string().trim_matches('"').to_owned();
        let is_setting = !names(&format!("\"{setting}\"")).is_empty();
        is_setting.then(|| (setting.to_owned(), (name.clone(), default)))
    });
    described.collect()
}

#[test]
fn each_function_is_told_the_settings_that_it_reads_and_no_other() {
    let parameters = parameters();
    for (name, function) in [
        ("Register", "register"),
        ("Activate", "activate"),
        ("Account", "account"),
        ("Site", "site"),
    ] {
        let variables = resource(name)["Environment"]["Variables"].clone();
        let told = variables.as_object().unwrap().iter().filter(|(setting, _)| {
            !NOT_PARAMETERS.contains(&setting.as_str()) && *setting != "SECRET_KEY_ARN"
        });
        let told: BTreeMap<_, _> = told.collect();
        let read = settings_of(function);
        assert_eq!(
            told.keys().copied().collect::<Vec<_>>(),
            read.iter().collect::<Vec<_>>(),
            "{name}"
        );
        for (setting, value) in told {
            assert_eq!(*value, json!({ "Ref": parameters[setting].0 }), "{name}: {setting}");
        }
    }
    let urls = ["Register", "Account"]
        .map(|function| resource(function)["Environment"]["Variables"]["PUBLIC_URL"].clone());
    assert!(urls[0].is_object() && urls[0] == urls[1], "links lead to one place");
}

/// The functions of the template by the name of their folder. `operate` is deployed twice.
const FUNCTIONS: [(&str, &str); 6] = [
    ("Register", "register"),
    ("Activate", "activate"),
    ("Account", "account"),
    ("Migrate", "operate"),
    ("Maintain", "operate"),
    ("Site", "site"),
];

/// The folders of the functions that the template tells this setting.
fn told(setting: &str) -> BTreeSet<&'static str> {
    let told = FUNCTIONS.into_iter().filter(|(name, _)| {
        resource(name)["Environment"]["Variables"].as_object().unwrap().contains_key(setting)
    });
    told.map(|(_, folder)| folder).collect()
}

#[test]
fn every_setting_of_the_documentation_is_a_parameter_with_the_same_default_and_readers() {
    let settings = text("docs/settings.md");
    let parameters = parameters();
    let mut described = BTreeSet::new();
    for row in settings.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "setting, default, meaning, read by: {row}");
        let name = cells[1].trim_matches('`');
        let is_ours =
            !name.starts_with("AWS_") && !name.starts_with("SECRET_") && name != "RUST_LOG";
        if !is_ours || NOT_PARAMETERS.contains(&name) {
            continue;
        }
        assert!(described.insert(name.to_owned()), "{name} has two rows");
        let (_, default) =
            parameters.get(name).unwrap_or_else(|| panic!("no parameter says {name}"));
        if cells[2].parse::<u32>().is_ok() {
            assert_eq!(default, cells[2], "{name}");
        }
        assert_eq!(told(name), cells[4].split(", ").collect(), "{name}");
    }
    assert_eq!(described, parameters.into_keys().collect(), "each parameter has its row");
}
