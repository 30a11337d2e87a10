//! Reads the templates, with CloudFormation's tags (`!Ref`, `!Sub`) as JSON.

use std::{fs, path::PathBuf};

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

/// The templates of the service, and the one that lets the pipeline deploy it.
pub(crate) const TEMPLATES: [&str; 7] = [
    "template.yaml",
    "infrastructure/alarms.yaml",
    "infrastructure/database.yaml",
    "infrastructure/firewall.yaml",
    "infrastructure/mail.yaml",
    "infrastructure/network.yaml",
    "infrastructure/pipeline.yaml",
];

pub(crate) fn text(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn yaml(path: &str) -> Value {
    json_of(serde_norway::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// The resources of a type, in all templates, with their names.
pub(crate) fn resources(kind: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for path in TEMPLATES {
        for (name, resource) in yaml(path)["Resources"].as_object().unwrap() {
            if resource["Type"] == kind {
                found.push((name.clone(), resource["Properties"].clone()));
            }
        }
    }
    assert!(!found.is_empty(), "no template has a resource of the type {kind}");
    found
}

/// `template.yaml`'s resource of this name.
pub(crate) fn resource(name: &str) -> Value {
    yaml("template.yaml")["Resources"][name]["Properties"].clone()
}

/// A value as text, without its tag.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(tagged) if tagged.len() == 1 => {
            let (tag, inner) = tagged.iter().next().unwrap();
            match (tag.as_str(), inner) {
                ("Ref" | "Fn::GetAtt", Value::String(name)) => format!("${{{name}}}"),
                ("Fn::Sub", Value::String(text)) => text.clone(),
                _ => value.to_string(),
            }
        }
        _ => value.to_string(),
    }
}

/// A list, or a single value as a list.
pub(crate) fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// The value and every value inside it.
pub(crate) fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Array(values) => values.iter().for_each(|inner| walk(inner, visit)),
        Value::Object(members) => members.values().for_each(|inner| walk(inner, visit)),
        _ => {}
    }
}

fn json_of(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(is) => json!(is),
        Yaml::Number(number) => number
            .as_i64()
            .map(|number| json!(number))
            .or_else(|| number.as_f64().map(|number| json!(number)))
            .unwrap(),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(values) => values.into_iter().map(json_of).collect(),
        Yaml::Mapping(members) => members
            .into_iter()
            .map(|(key, value)| match json_of(key) {
                Value::String(key) => (key, json_of(value)),
                key => (key.to_string(), json_of(value)),
            })
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            json!({ name: json_of(tagged.value) })
        }
    }
}
