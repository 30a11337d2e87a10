//! The responses and limits of API Gateway itself.

use serde_json::{Value, json};

use crate::{
    routes::routes,
    templates::{resource, text, walk, yaml},
};

#[test]
fn each_function_of_the_api_may_be_called_by_this_api_alone() {
    for function in ["Register", "Activate", "Account", "Site"] {
        let permission = resource(&format!("{function}FromApi"));
        assert_eq!(permission["FunctionName"], json!({ "Ref": format!("{function}.Alias") }));
        assert_eq!(permission["Principal"], "apigateway.amazonaws.com");
        let source = permission["SourceArn"]["Fn::Sub"].as_str().unwrap();
        assert!(source.ends_with(":${AWS::AccountId}:${Api}/*"), "{source}");
    }
}

#[test]
fn the_gateway_judges_nothing_about_a_request() {
    let api = resource("Api");
    for absent in ["Auth", "Models", "Cors", "BinaryMediaTypes", "CacheClusterEnabled", "Variables"]
    {
        assert_eq!(api[absent], Value::Null, "{absent}");
    }
    walk(&api["DefinitionBody"], &mut |value| {
        let Value::Object(members) = value else { return };
        for member in members.keys() {
            let judges = ["validator", "auth", "security", "requestBody"];
            assert!(!judges.iter().any(|judge| member.contains(judge)), "{member}");
        }
    });
}

#[test]
fn what_the_gateway_says_looks_like_ours_and_quotes_nothing() {
    let kinds = text("shared/web/src/kind.rs");
    let responses = resource("Api")["GatewayResponses"].as_object().unwrap().clone();
    for expected in ["DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "INTEGRATION_TIMEOUT"] {
        assert!(responses.contains_key(expected), "{expected}");
    }
    for (name, response) in responses {
        let templates = response["ResponseTemplates"].as_object().unwrap();
        assert_eq!(templates.keys().collect::<Vec<_>>(), ["application/json"], "{name}");
        let [template, values] =
            templates["application/json"]["Fn::Sub"].as_array().unwrap().as_slice()
        else {
            panic!("{name}: a text and its value");
        };
        let [with_domain, without] = [1, 2].map(|index| &values["Problems"]["Fn::If"][index]);
        assert_eq!(with_domain["Fn::Sub"], "https://${DomainName}/docs/problems#");
        assert_eq!(without, "https://$context.domainName/$context.stage/docs/problems#");
        let template = template.as_str().unwrap();
        assert_eq!(
            template.matches('$').count(),
            2,
            "{name}: its page and the id of the request, nothing else"
        );
        let body: Value = serde_json::from_str(template).unwrap();
        let code = body["code"].as_str().unwrap();
        assert_eq!(body["type"], format!("${{Problems}}{code}"), "{name}");
        assert_eq!(body["status"], response["StatusCode"], "{name}");
        assert_eq!(body["request_id"], "$context.requestId", "{name}");
        assert_eq!(body.as_object().unwrap().len(), 6, "{name}");
        // The same text as in the code.
        assert!(kinds.contains(&format!("\"{code}\", {}", body["title"])), "{name}: {code}");

        let headers = response["ResponseParameters"]["Headers"].as_object().unwrap();
        assert_eq!(headers["Content-Type"], "'application/problem+json'", "{name}");
        assert_eq!(headers["Cache-Control"], "'no-store'", "{name}");
        assert_eq!(headers["X-Request-Id"], "context.requestId", "{name}");
        let may_try_again = [json!(429), json!(503)].contains(&response["StatusCode"]);
        assert_eq!(may_try_again, headers.contains_key("Retry-After"), "{name}");
        for value in headers.values().map(|value| value.as_str().unwrap()) {
            assert!(value.starts_with('\'') || value == "context.requestId", "{name}: {value}");
        }
    }
}

#[test]
fn the_firewall_bounds_together_what_mails_strangers() {
    let firewall = yaml("infrastructure/firewall.yaml");
    let rules = firewall["Resources"]["WebAcl"]["Properties"]["Rules"].as_array().unwrap();
    let bounded = rules.iter().find(|rule| rule["Name"] == "SignUps").unwrap();
    let mut paths = Vec::new();
    walk(bounded, &mut |value| {
        if let Some(path) = value["SearchString"].as_str() {
            assert_eq!(value["PositionalConstraint"], "ENDS_WITH", "the stage may come first");
            assert!(routes().iter().any(|route| route.path == path), "{path} has no route");
            paths.push(path);
        }
    });
    assert_eq!(paths, ["/register", "/password/forgot"]);
}

#[test]
fn a_probe_cannot_be_used_to_wear_the_database_out() {
    let settings = resource("Api")["MethodSettings"].clone();
    let health = &settings.as_array().unwrap()[1];
    assert_eq!(health["ResourcePath"], "/health");
    let rate = health["ThrottlingRateLimit"].as_u64().unwrap();
    // Two callers at the firewall's limit (3.3 requests a second each) must not use it up.
    assert!((20..=200).contains(&rate), "{rate}");
}

#[test]
fn people_with_ipv6_share_no_address_with_strangers() {
    for door in ["Api", "Domain"] {
        assert_eq!(resource(door)["EndpointConfiguration"]["IpAddressType"], "dualstack", "{door}");
    }
}
