//! The settings: a row in the table of `process`, a parameter of template.yaml, a line of
//! versions.toml, a row of docs/settings.md. Each test names the one that is missing or differs.

use std::collections::{BTreeMap, BTreeSet};

use process::settings::{SETTINGS, Setting, WhenAbsent};
use serde_json::{Value, json};

use crate::templates::{resource, text, yaml};

/// The functions of the template by the name of their folder. `operate` is deployed twice.
const FUNCTIONS: [(&str, &str); 6] = [
    ("Register", "register"),
    ("Activate", "activate"),
    ("Account", "account"),
    ("Site", "site"),
    ("Migrate", "operate"),
    ("Maintain", "operate"),
];

/// Settings whose value the template knows, so that they need no parameter.
const NOT_PARAMETERS: &[&str] = &[
    "DATABASE_AUTH",
    "DATABASE_CA_FILE",
    "DATABASE_URL",
    "MAIL_CONFIGURATION_SET",
    "OPERATE_COMMANDS",
    "PUBLIC_URL",
    "SECRET_KEY_ARN",
    // Used only without SECRET_KEY_ARN.
    "SECRET_KEY",
    // Lambda sets it.
    "AWS_LAMBDA_LOG_LEVEL",
    // For other machines than Lambda.
    "RUST_LOG",
];

fn is_parameter(setting: &Setting) -> bool {
    !NOT_PARAMETERS.contains(&setting.name)
}

/// The parameter whose description begins with the setting's name.
fn parameters() -> BTreeMap<String, (String, Value)> {
    let template = yaml("template.yaml");
    let described = template["Parameters"].as_object().unwrap().iter().filter_map(|(name, it)| {
        let (setting, _) = it["Description"].as_str()?.split_once(": ")?;
        let is_setting = setting.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        is_setting.then(|| (setting.to_owned(), (name.clone(), it["Default"].clone())))
    });
    described.collect()
}

#[test]
fn every_setting_is_a_parameter_with_its_default() {
    let mut parameters = parameters();
    for setting in SETTINGS.iter().filter(|setting| is_parameter(setting)) {
        let name = setting.name;
        let (_, default) = parameters
            .remove(name)
            .unwrap_or_else(|| panic!("no parameter begins with `{name}: `"));
        match setting.when_absent {
            WhenAbsent::Default(value) => {
                assert_eq!(default.to_string().trim_matches('"'), value, "{name}");
            }
            WhenAbsent::Off => assert_eq!(default, "", "{name}"),
            WhenAbsent::Required | WhenAbsent::Instead(_) => {}
        }
    }
    assert!(parameters.is_empty(), "not in the table of settings: {:?}", parameters.keys());
}

#[test]
fn each_function_is_told_the_settings_that_it_reads_and_no_other() {
    let parameters = parameters();
    for (name, folder) in FUNCTIONS {
        let variables = resource(name)["Environment"]["Variables"].clone();
        let told = variables.as_object().unwrap();
        for setting in SETTINGS.iter().filter(|setting| is_parameter(setting)) {
            let value = told.get(setting.name);
            let meant = setting
                .readers
                .contains(&folder)
                .then(|| json!({ "Ref": parameters[setting.name].0 }));
            assert_eq!(value, meant.as_ref(), "{name}: {}", setting.name);
        }
        for name in told.keys().filter(|name| !name.starts_with("AWS_")) {
            let setting = Setting::named(name).unwrap_or_else(|| panic!("{name} is no setting"));
            assert!(setting.readers.contains(&folder), "{folder} does not read {name}");
        }
    }
    let urls: BTreeSet<_> = ["Register", "Activate", "Account", "Site"]
        .map(|function| resource(function)["Environment"]["Variables"]["PUBLIC_URL"].to_string())
        .into();
    assert_eq!(urls.len(), 1, "all have one origin: {urls:?}");
}

#[test]
fn a_changed_parameter_makes_new_versions_of_the_functions_that_read_the_setting() {
    let versions: toml::Table = text("infrastructure/versions.toml").parse().unwrap();
    let parameters = parameters();
    for setting in SETTINGS.iter().filter(|setting| is_parameter(setting)) {
        let (parameter, _) = &parameters[setting.name];
        let row = versions.get(parameter).unwrap_or_else(|| panic!("no row for {parameter}"));
        let listed: BTreeSet<_> =
            row["versions"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
        let readers = FUNCTIONS.iter().filter(|(_, folder)| setting.readers.contains(folder));
        assert_eq!(listed, readers.map(|(name, _)| *name).collect(), "{parameter}");
    }
}

#[test]
fn the_documentation_has_a_row_for_each_setting() {
    let rows = SETTINGS.iter().map(|Setting { name, when_absent, readers, meaning }| {
        let default = match when_absent {
            WhenAbsent::Required => "required",
            WhenAbsent::Off => "none",
            WhenAbsent::Default(text) | WhenAbsent::Instead(text) => text,
        };
        format!("| `{name}` | {default} | {meaning} | {} |", readers.join(", "))
    });
    let documented = text("docs/settings.md");
    let documented: Vec<_> = documented.lines().filter(|line| line.starts_with("| `")).collect();
    // Prints the expected text of a row that differs.
    assert_eq!(documented, rows.collect::<Vec<_>>());
}

#[test]
fn cargo_dev_and_sam_local_set_settings_that_there_are() {
    let is_known = |name: &str| name.starts_with("AWS_") || Setting::named(name).is_some();
    let dev = text("dev/src/settings.rs");
    let told = dev.split_once("fn for_functions").unwrap().1.split_once("\n    }").unwrap().0;
    let told = told.split("            (\"").skip(1).filter_map(|rest| rest.split('"').next());
    let local: Value = serde_json::from_str(&text("dev/sam-local.json")).unwrap();
    let local = local.as_object().unwrap().values().flat_map(|of| of.as_object().unwrap().keys());
    let names: BTreeSet<_> = told.map(str::to_owned).chain(local.cloned()).collect();
    assert!(names.len() > 12, "{names:?}");
    for name in names {
        assert!(is_known(&name), "{name} is not a setting");
    }
}
