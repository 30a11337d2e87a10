//! `sam local` sets only what a template names, and says nothing about the rest.

use crate::templates::{resource, text};

#[test]
fn every_setting_for_sam_local_has_a_name_in_the_template() {
    let settings: serde_json::Value = serde_json::from_str(&text("dev/sam-local.json")).unwrap();
    for (function, settings) in settings.as_object().unwrap() {
        let named = resource(function)["Environment"]["Variables"].as_object().unwrap().clone();
        for setting in settings.as_object().unwrap().keys() {
            assert!(named.contains_key(setting), "{function} has no {setting}");
        }
        for name in ["DATABASE_AUTH", "SECRET_KEY_ARN"] {
            assert_eq!(settings[name], "", "{function} has no {name} on a developer's machine");
        }
    }
}
