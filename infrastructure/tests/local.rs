//! `dev/sam-local.json` names only variables of the template: `sam local` ignores others without a
//! warning.

use serde_json::Value;

use crate::templates::{resources, text};

/// Settings for AWS only, which an empty value removes.
const NOT_HERE: [&str; 4] =
    ["DATABASE_AUTH", "DATABASE_CA_FILE", "MAIL_CONFIGURATION_SET", "SECRET_KEY_ARN"];

/// Settings with another value on a developer's machine.
const ELSEWHERE: [&str; 4] = ["AWS_ENDPOINT_URL_SESV2", "DATABASE_URL", "PUBLIC_URL", "SECRET_KEY"];

#[test]
fn sam_local_tells_every_function_what_differs_on_a_developers_machine() {
    let mut told: Value = serde_json::from_str(&text("dev/sam-local.json")).unwrap();
    let told = told.as_object_mut().unwrap();
    for (function, properties) in resources("AWS::Serverless::Function") {
        let named = &properties["Environment"]["Variables"];
        let settings = told.remove(&function).unwrap_or_default();
        for name in NOT_HERE.into_iter().filter(|name| !named[name].is_null()) {
            assert_eq!(settings[name], "", "{function} has no {name} here");
        }
        for name in ELSEWHERE.into_iter().filter(|name| !named[name].is_null()) {
            let value = settings[name].as_str().unwrap_or_default();
            assert!(!value.is_empty(), "{function} is not told its {name}");
        }
        for setting in settings.as_object().into_iter().flat_map(|settings| settings.keys()) {
            assert!(!named[setting].is_null(), "{function} has no {setting} in the template");
        }
    }
    assert!(told.is_empty(), "the template has no such functions: {told:?}");
}
