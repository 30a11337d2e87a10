//! The contract, as developers and their tools read it.

use std::{collections::BTreeSet, fs};

use serde_json::Value;
use shared::testing::Payload;

use crate::{get, header, site, text};

#[tokio::test]
async fn the_contract_is_served_without_what_the_gateway_reads() {
    let answer = get("/openapi.json").send_to(&site(), Payload::Rest).await;
    assert_eq!(header(&answer, "content-type"), Some("application/json"));
    let served: Value = serde_json::from_str(text(&answer)).expect("JSON");
    let yaml = fs::read_to_string("../../openapi.yaml").expect("the contract");
    let source: Value = serde_norway::from_str(&yaml).expect("YAML");
    let paths = |contract: &Value| {
        contract["paths"].as_object().expect("paths").keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(paths(&served), paths(&source));
    for ours in ["x-amazon-", "x-codes", "x-problems", "@PUBLIC_URL@"] {
        assert!(!text(&answer).contains(ours), "{ours}");
    }
    let journey = ["\"/register\":", "\"/activate\":", "\"/login\":", "\"/users/me\":"];
    assert!(journey.map(|path| text(&answer).find(path).expect("a path")).is_sorted());
}

#[tokio::test]
async fn the_contract_has_a_whole_problem_for_every_code_of_every_answer() {
    let answer = get("/openapi.json").send_to(&site(), Payload::Rest).await;
    let served: Value = serde_json::from_str(text(&answer)).expect("JSON");
    let mut seen = BTreeSet::new();
    for (path, operations) in served["paths"].as_object().expect("paths") {
        for (status, response) in operations
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, operation)| operation["responses"].as_object().expect("responses"))
        {
            let reference = response["$ref"].as_str().map(|reference| &reference[1..]);
            let response =
                reference.map_or(response, |it| served.pointer(it).expect("it is there"));
            let content = &response["content"]["application/problem+json"];
            let examples = content["examples"].as_object();
            assert_eq!(examples.is_some(), content.is_object(), "{path} {status}");
            for (code, example) in examples.into_iter().flatten() {
                let problem = &example["value"];
                assert_eq!(problem["code"], code.as_str());
                let page = format!("https://registration.example/docs/problems#{code}");
                assert_eq!(problem["type"], page);
                if status != "default" {
                    assert_eq!(problem["status"].to_string(), *status, "{path} {code}");
                }
                for required in
                    served["components"]["schemas"]["Problem"]["required"].as_array().unwrap()
                {
                    assert!(problem.get(required.as_str().unwrap()).is_some(), "{required}");
                }
                seen.insert(code.clone());
            }
        }
    }
    let page = get("/docs/problems").send_to(&site(), Payload::Rest).await;
    for code in &seen {
        assert!(text(&page).contains(&format!("<section id=\"{code}\"")), "{code}");
    }
    assert_eq!(text(&page).matches("<section").count(), seen.len());
}
