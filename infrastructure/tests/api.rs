//! The door: what leads where, and what API Gateway says by itself.

use serde_json::{Value, json};

use crate::templates::{resource, text, walk, yaml};

/// Path, methods, function. A method of its own wins over `ANY`.
const ROUTES: [(&str, &str, &str); 15] = [
    ("/", "ANY", "site"),
    ("/activate", "DELETE OPTIONS PATCH POST PUT", "activate"),
    ("/activate", "GET HEAD", "site"),
    ("/health", "ANY GET", "activate"),
    ("/login", "ANY", "account"),
    ("/logout", "ANY", "account"),
    ("/not-me", "DELETE OPTIONS PATCH POST PUT", "register"),
    ("/not-me", "GET HEAD", "site"),
    ("/password/forgot", "ANY", "account"),
    ("/password/reset", "ANY", "account"),
    ("/register", "ANY", "register"),
    ("/resend", "ANY", "register"),
    ("/users", "ANY", "account"),
    ("/users/{id}", "ANY", "account"),
    ("/{proxy+}", "ANY", "site"),
];

/// The same, one method a line.
fn routes() -> Vec<(String, String, String)> {
    let routes = ROUTES.iter().flat_map(|(path, methods, to)| {
        methods.split(' ').map(|method| [*path, method, *to].map(str::to_owned).into())
    });
    routes.collect()
}

#[test]
fn every_path_leads_to_its_function_and_nothing_else_is_routed() {
    let definition = &resource("Api")["DefinitionBody"];
    let mut routes = Vec::new();
    for (path, methods) in definition["paths"].as_object().unwrap() {
        for (method, route) in methods.as_object().unwrap() {
            let method = method.strip_prefix("x-amazon-apigateway-").unwrap_or(method);
            let method = method.strip_suffix("-method").unwrap_or(method).to_uppercase();
            let integration = &route["x-amazon-apigateway-integration"];
            assert_eq!(integration["type"], "aws_proxy", "{path}");
            // Without it the path would be taken literally.
            let parameter = path.split_once('{').map(|(_, rest)| rest.trim_end_matches(['}', '+']));
            let declared = parameter.map(|name| json!([{ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }]));
            assert_eq!(route["parameters"], declared.unwrap_or_default(), "{path}");
            let uri = integration["uri"]["Fn::Sub"].as_str().unwrap();
            let function = uri.split_once("${AWS::StackName}-").unwrap().1;
            let function = function.strip_suffix(":live/invocations").unwrap();
            routes.push((path.clone(), method, function.to_owned()));
        }
    }
    routes.sort();
    let mut meant = self::routes();
    meant.sort();
    assert_eq!(routes, meant);
}

#[test]
fn a_page_and_the_api_share_a_path_by_naming_each_method() {
    // `sam local` keeps routes in a set: which of `ANY` and `GET` it meets last is chance.
    let of = |wanted: &str| {
        let its = routes().into_iter().filter(|(path, ..)| path == wanted);
        its.map(|(_, method, to)| (method, to)).collect::<Vec<_>>()
    };
    for (path, ..) in ROUTES {
        let answers: std::collections::BTreeSet<_> =
            of(path).into_iter().map(|(_, to)| to).collect();
        let has_any = of(path).iter().any(|(method, _)| method == "ANY");
        assert!(answers.len() == 1 || !has_any, "{path}");
        assert!(has_any || of(path).len() == 7, "{path}: as many as API Gateway's ANY stands for");
    }
}

#[test]
fn every_operation_of_the_contract_has_a_route_of_its_own() {
    let mut operations = 0;
    for (path, item) in yaml("openapi.yaml")["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            // One of the users is oneself.
            let path = if path == "/users/me" { "/users/{id}" } else { path.as_str() };
            let routes = routes();
            let route = |wanted: &str| {
                routes.iter().find(|(its_path, its, _)| its_path == path && its == wanted)
            };
            let route = route(&method).or_else(|| route("ANY"));
            let (_, _, function) = route.unwrap_or_else(|| panic!("{method} {path} has no route"));
            // Pages are what one GETs; the probe and users are no pages.
            let is_api = method != "GET" || path == "/health" || path.starts_with("/users");
            assert_eq!(is_api, function != "site", "{method} {path} leads to {function}");
            operations += 1;
        }
    }
    assert!(operations > 0);
}

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
        let template = templates["application/json"].as_str().unwrap();
        assert_eq!(template.matches('$').count(), 1, "{name}: the id of the request, nothing else");
        let body: Value = serde_json::from_str(template).unwrap();
        let code = body["code"].as_str().unwrap();
        assert_eq!(body["type"], format!("urn:problem-type:registration:{code}"), "{name}");
        assert_eq!(body["status"], response["StatusCode"], "{name}");
        assert_eq!(body["request_id"], "$context.requestId", "{name}");
        assert_eq!(body.as_object().unwrap().len(), 6, "{name}");
        // The same words as in the code.
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
            assert!(ROUTES.iter().any(|(its_path, ..)| *its_path == path), "{path} has no route");
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
    // Two callers whom the firewall lets through (3.3 requests a second each) must not fill it.
    assert!((20..=200).contains(&rate), "{rate}");
}

#[test]
fn people_with_ipv6_share_no_address_with_strangers() {
    for door in ["Api", "Domain"] {
        assert_eq!(resource(door)["EndpointConfiguration"]["IpAddressType"], "dualstack", "{door}");
    }
}
