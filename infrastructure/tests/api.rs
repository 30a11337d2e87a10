//! The door: what leads where, and what API Gateway says by itself.

use serde_json::{Value, json};

use crate::templates::{resource, text, walk, yaml};

/// Path, method, function. A method of its own wins over `ANY`.
const ROUTES: [(&str, &str, &str); 18] = [
    ("/", "ANY", "site"),
    ("/activate", "ANY", "activate"),
    ("/activate", "GET", "site"),
    ("/activate", "HEAD", "site"),
    ("/health", "ANY", "activate"),
    ("/health", "GET", "activate"),
    ("/login", "ANY", "account"),
    ("/logout", "ANY", "account"),
    ("/not-me", "ANY", "register"),
    ("/not-me", "GET", "site"),
    ("/not-me", "HEAD", "site"),
    ("/password/forgot", "ANY", "account"),
    ("/password/reset", "ANY", "account"),
    ("/register", "ANY", "register"),
    ("/resend", "ANY", "register"),
    ("/users", "ANY", "account"),
    ("/users/{id}", "ANY", "account"),
    ("/{proxy+}", "ANY", "site"),
];

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
    let meant =
        ROUTES.map(|(path, method, to)| (path.to_owned(), method.to_owned(), to.to_owned()));
    assert_eq!(routes, meant);
}

#[test]
fn every_operation_of_the_contract_has_a_route_of_its_own() {
    let mut operations = 0;
    for (path, item) in yaml("openapi.yaml")["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            // One of the users is oneself.
            let path = if path == "/users/me" { "/users/{id}" } else { path.as_str() };
            let route = |wanted: &str| {
                ROUTES.iter().find(|(its_path, its, _)| *its_path == path && *its == wanted)
            };
            let route = route(&method).or_else(|| route("ANY"));
            let (_, _, function) = route.unwrap_or_else(|| panic!("{method} {path} has no route"));
            // Pages are what one GETs; the probe and users are no pages.
            let is_api = method != "GET" || path == "/health" || path.starts_with("/users");
            assert_eq!(is_api, *function != "site", "{method} {path} leads to {function}");
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
    for absent in ["Auth", "Models", "Cors", "BinaryMediaTypes", "CacheClusterEnabled"] {
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
    let kinds = text("shared/src/http/kind.rs");
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
fn functions_are_told_the_same_about_callers_and_limits() {
    let told = |function: &str, name: &str| {
        resource(function)["Environment"]["Variables"][name]["Ref"].as_str().map(str::to_owned)
    };
    for function in ["Register", "Activate", "Account"] {
        assert_eq!(told(function, "CORS_ORIGINS").as_deref(), Some("CorsOrigins"), "{function}");
        assert_eq!(told(function, "TRUSTED_CALLERS").as_deref(), Some("TrustedCallers"));
    }
    // A new password takes one of the places of sign-ups: two limits would be none.
    let places = "ADDRESS_SIGNUPS_PER_DAY";
    assert_eq!(told("Register", places).as_deref(), Some("AddressSignUpsPerDay"));
    assert_eq!(told("Account", places), told("Register", places));
    let urls = ["Register", "Account"]
        .map(|function| resource(function)["Environment"]["Variables"]["PUBLIC_URL"].clone());
    assert!(urls[0].is_object() && urls[0] == urls[1], "links lead to one place");
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
    assert_eq!(health["ThrottlingRateLimit"], 5);
}
