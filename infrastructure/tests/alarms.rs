//! Every alarm has a line in the documents that tells the operator what to do.

use std::collections::BTreeSet;

use process::metrics::{Count, Measure, NAMESPACE};
use serde_json::{Value, json};
use strum::VariantArray as _;

use crate::templates::{list, plain, resources, text, walk, yaml};

/// Every metric of the functions, by its name in CloudWatch.
fn metrics() -> BTreeSet<&'static str> {
    let counts = Count::VARIANTS.iter().map(|count| count.name());
    counts.chain(Measure::VARIANTS.iter().map(|measure| measure.name())).collect()
}

#[test]
fn every_alarm_has_its_line_in_the_runbook() {
    let alarms: BTreeSet<_> =
        resources("AWS::CloudWatch::Alarm").into_iter().map(|(name, _)| name).collect();
    let operations = text("docs/operations.md");
    let runbook = operations.split_once("## Alarms").expect("a section").1;
    let runbook = runbook.split_once("\n## ").expect("a section after it").0;
    let lines = runbook.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut described = BTreeSet::new();
    for line in lines {
        let (name, rest) = line.split_once('`').unwrap();
        assert!(described.insert(name.to_owned()), "{name} has two lines");
        let cells: Vec<_> = rest.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{name}: what it means, what to look at, what to do");
        assert!(cells[1..4].iter().all(|cell| cell.len() > 10), "{name} says too little");
    }
    assert_eq!(alarms, described);
}

#[test]
fn every_alarm_notifies_a_topic_and_names_its_line() {
    for (name, alarm) in resources("AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["AlarmActions"], json!([{ "Ref": "Topic" }]), "{name}");
        let description = alarm["AlarmDescription"].as_str().unwrap();
        assert!(description.ends_with(&format!("docs/operations.md: {name}")), "{name}");
    }
}

#[test]
fn alarms_and_dashboard_know_every_metric_and_no_other() {
    let mut named = BTreeSet::new();
    for (_, alarm) in resources("AWS::CloudWatch::Alarm") {
        walk(&alarm, &mut |value| {
            if value["Namespace"] == NAMESPACE {
                named.insert(value["MetricName"].as_str().unwrap().to_owned());
            }
        });
    }
    let alarms = yaml("infrastructure/alarms.yaml");
    let body = alarms["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"].clone();
    let body: Value = serde_json::from_str(body.as_str().unwrap()).expect("JSON");
    walk(&body, &mut |value| {
        if value[0] == NAMESPACE {
            named.insert(value[1].as_str().unwrap().to_owned());
        }
    });
    assert_eq!(named, metrics().into_iter().map(str::to_owned).collect());
}

#[test]
fn a_bad_version_is_taken_back() {
    let template = yaml("template.yaml");
    let alarms = yaml("infrastructure/alarms.yaml");
    for function in ["Register", "Activate", "Account", "Site"] {
        let deployment = &template["Resources"][function]["Properties"]["DeploymentPreference"];
        assert_eq!(deployment["Type"], json!({ "Ref": "Traffic" }), "{function}");
        // Traffic shifts only after the new version has answered.
        let unless_off =
            |value: Value, nothing: Value| json!({ "Fn::If": ["IsGuarded", value, nothing] });
        let nothing = json!({ "Ref": "AWS::NoValue" });
        let probe = unless_off(json!({ "Ref": "Probe" }), nothing.clone());
        assert_eq!(deployment["Hooks"], json!({ "PreTraffic": probe }), "{function}");
        // An alarm about an older version would stop the deployment that fixes it.
        let own = json!([{ "Fn::GetAtt": format!("Alarms.Outputs.New{function}") }]);
        assert_eq!(deployment["Alarms"], unless_off(own, json!([nothing])), "{function}");
        let alarm = &alarms["Resources"][format!("New{function}")]["Properties"];
        let version = format!("{function}Version");
        assert!(plain(&alarm["AlarmName"]).ends_with(&format!("-${{{version}}}")), "{function}");
        let mut dimensions = 0;
        walk(alarm, &mut |value| {
            if value["Name"] == "ExecutedVersion" || value["Name"] == "version" {
                assert_eq!(value["Value"], json!({ "Ref": version }), "{function}");
                dimensions += 1;
            }
        });
        // Invocations, errors, and 5xx responses if the function counts them.
        assert_eq!(dimensions, if function == "Site" { 2 } else { 3 }, "{function}");
        let given = &template["Resources"]["Alarms"]["Properties"]["Parameters"][version];
        let newest = json!({ "Ref": format!("{function}.Version") });
        assert_eq!(given["Fn::Select"][1]["Fn::Split"][1], newest, "{function}");
    }
    for function in ["Register", "Activate", "Account", "Maintain"] {
        // New code never runs on the old schema.
        assert_eq!(template["Resources"][function]["DependsOn"], "Schema", "{function}");
    }
}

#[test]
fn alarms_about_all_functions_leave_none_out() {
    let all = ["register", "activate", "account"];
    for (name, functions) in [
        ("InternalErrors", &all[..]),
        ("DatabaseUnavailable", &all),
        ("Throttled", &all),
        ("PasswordFailures", &all),
        ("LimitsHit", &all),
        ("MailUnavailable", &["register", "account"]),
    ] {
        let alarms = yaml("infrastructure/alarms.yaml");
        let metrics = list(&alarms["Resources"][name]["Properties"]["Metrics"]);
        let mut sum = metrics.iter().filter_map(|metric| metric["Expression"].as_str());
        let sum = sum.find(|expression| expression.starts_with("FILL(")).unwrap();
        let watched: Vec<_> = metrics
            .iter()
            .filter(|metric| sum.contains(&format!("FILL({}, 0)", plain(&metric["Id"]))))
            .map(|metric| plain(&metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]))
            .collect();
        let meant: Vec<_> = functions.iter().map(|it| format!("${{Name}}-{it}")).collect();
        assert_eq!(watched, meant, "{name}");
    }
}
