//! A setting that would fail later stops the function that reads it, and no other.

use std::collections::HashMap;

use account::AccountApp;
use activate::ActivateApp;
use operate::Operate;
use register::RegisterApp;
use shared::process::{
    Environment, SettingError,
    settings::{SETTINGS, Setting, WhenAbsent},
};
use site::SiteApp;
use world::World;

const FUNCTIONS: [&str; 5] = ["register", "activate", "account", "site", "operate"];

/// Settings that no function refuses: the log has a default for what it cannot read.
const NEVER_REFUSED: [&str; 2] = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"];

/// Starts a function with these variables; its complaint, if it has one.
async fn complaint(
    world: &World,
    function: &str,
    variables: &HashMap<String, String>,
) -> Option<String> {
    let environment = Environment::of(variables);
    let sdk_config = world.ses.sdk_config();
    let started: Result<(), SettingError> = match function {
        "register" => RegisterApp::start(&environment, &sdk_config).await.map(drop),
        "activate" => ActivateApp::start(&environment, &sdk_config).await.map(drop),
        "account" => AccountApp::start(&environment, &sdk_config).await.map(drop),
        "site" => SiteApp::start(&environment).map(drop),
        _ => Operate::start(&environment, sdk_config).map(drop),
    };
    started.err().map(|error| error.to_string())
}

/// What a function is told that starts.
fn variables(world: &World, function: &str) -> HashMap<String, String> {
    let role = if function == "site" || function == "operate" { "activate" } else { function };
    let mut variables = world.variables_of(role);
    variables.insert("OPERATE_COMMANDS".to_owned(), "purge".to_owned());
    variables
}

fn readers() -> impl Iterator<Item = (&'static str, &'static Setting)> {
    let settings = SETTINGS.iter().filter(|setting| !NEVER_REFUSED.contains(&setting.name));
    settings.flat_map(|setting| FUNCTIONS.map(|function| (function, setting)))
}

#[tokio::test]
async fn a_wrong_setting_stops_each_function_that_reads_it_and_no_other() {
    let world = World::new().await;
    for (function, Setting { name, readers, .. }) in readers() {
        for wrong in ["?!", "-1", "99999999999"] {
            let mut variables = variables(&world, function);
            variables.insert((*name).to_owned(), wrong.to_owned());
            let complaint = complaint(&world, function, &variables).await;
            let is_named = complaint.as_ref().is_some_and(|text| text.starts_with(name));
            // A number may name a configuration set, and anything a site.
            let may_pass =
                *name == "MAIL_CONFIGURATION_SET" && wrong != "?!" || *name == "SITE_NAME";
            let is_read = readers.contains(&function) && !may_pass;
            assert_eq!(is_named, is_read, "{function} with {name}={wrong}: {complaint:?}");
            let lines = complaint.iter().flat_map(|text| text.lines()).count();
            assert!(lines <= 1, "{complaint:?}");
        }
    }
}

#[tokio::test]
async fn a_setting_that_is_missing_or_blank_is_named_if_it_is_required() {
    let world = World::new().await;
    for (function, Setting { name, when_absent, readers, .. }) in readers() {
        for value in [None, Some(""), Some("  "), Some("\t")] {
            let mut variables = variables(&world, function);
            variables.remove(*name);
            if let Some(value) = value {
                variables.insert((*name).to_owned(), value.to_owned());
            }
            let complaint = complaint(&world, function, &variables).await;
            let is_required = *when_absent == WhenAbsent::Required && readers.contains(&function);
            let expected = is_required.then(|| format!("{name} is missing"));
            assert_eq!(complaint, expected, "{function} with {name}={value:?}");
        }
    }
}

#[tokio::test]
async fn spaces_around_a_value_are_not_part_of_it() {
    let world = World::new().await;
    for function in FUNCTIONS {
        let padded = variables(&world, function)
            .into_iter()
            .chain([("CODE_LENGTH".to_owned(), "6".to_owned())])
            .map(|(name, value)| (name, format!(" {value}\n")))
            .collect();
        assert_eq!(complaint(&world, function, &padded).await, None, "{function}");
    }
}

#[tokio::test]
async fn every_list_is_read_by_one_rule() {
    let world = World::new().await;
    for function in FUNCTIONS {
        let mut variables = variables(&world, function);
        let secret_key = variables["SECRET_KEY"].clone();
        for (name, entry) in [
            ("TRUSTED_CALLERS", "192.0.2.1"),
            ("CORS_ORIGINS", "https://www.example.com"),
            ("OPERATE_COMMANDS", "purge"),
            ("SECRET_KEY", &secret_key),
        ] {
            let reads = Setting::named(name).unwrap().readers.contains(&function);
            for list in [format!("{entry},"), format!(" ,{entry} , ")] {
                variables.insert(name.to_owned(), list);
                assert_eq!(
                    complaint(&world, function, &variables).await,
                    None,
                    "{function} {name}"
                );
            }
            let is_required = ["OPERATE_COMMANDS", "SECRET_KEY"].contains(&name);
            variables.insert(name.to_owned(), " , ".to_owned());
            let refused = complaint(&world, function, &variables).await;
            assert_eq!(refused.is_some(), is_required && reads, "{function} {name}: {refused:?}");
            variables.insert(name.to_owned(), entry.to_owned());
        }
    }
}

#[tokio::test]
async fn a_sender_or_a_public_url_that_would_fail_later_is_refused() {
    let world = World::new().await;
    for (name, value) in [
        ("MAIL_FROM", "not an address"),
        ("MAIL_FROM", "a@example.com, b@example.com"),
        ("MAIL_FROM", "a@example.com\r\nBcc: b@example.com"),
        ("MAIL_FROM", "Example, Inc. <a@example.com>"),
        ("MAIL_FROM", "=?utf-8?q?=C3=89quipe?= <a@example.com>"),
        ("PUBLIC_URL", "https://x.example/#/app"),
        ("PUBLIC_URL", "https://x.example/?x=1"),
        ("PUBLIC_URL", "http://x.example"),
        ("PUBLIC_URL", "x.example"),
        ("PUBLIC_URL", "https://*.x.example"),
        ("PUBLIC_URL", "https://x.example:0"),
    ] {
        for function in ["register", "account"] {
            let mut variables = variables(&world, function);
            variables.insert(name.to_owned(), value.to_owned());
            let complaint = complaint(&world, function, &variables).await.unwrap_or_default();
            assert!(complaint.starts_with(name), "{function}: {name}={value}: {complaint}");
        }
    }
}

#[tokio::test]
async fn a_display_name_reaches_ses_encoded() {
    let world = World::with(&[("MAIL_FROM", "Équipe <no-reply@registration.example>")]).await;
    world.signs_up("ada@example.com").await;
    let request = &world.mails_to("ada@example.com")[0].request;
    assert_eq!(
        request["FromEmailAddress"],
        "=?utf-8?b?w4lxdWlwZQ==?= <no-reply@registration.example>"
    );
}
