//! The routes: a row in the `ROUTES` of a function, an operation of openapi.yaml, a path of
//! template.yaml, and an entry of `cargo lambda watch`. Each test names the one that is missing.

use std::collections::BTreeSet;

use account::AccountApp;
use activate::ActivateApp;
use register::RegisterApp;
use serde_json::json;
use site::SiteApp;
use web::{App, Route};

use crate::templates::{resource, text, yaml};

/// A row of a function's table.
pub(crate) struct Row {
    function: &'static str,
    method: &'static str,
    pub(crate) path: &'static str,
    has_page: bool,
}

/// Method, path, function.
type Lead = (String, String, String);

/// The methods of `ANY`, except those that a page answers.
const NO_PAGE: [&str; 5] = ["DELETE", "OPTIONS", "PATCH", "POST", "PUT"];

fn rows<A: App>(function: &'static str) -> Vec<Row> {
    let row = |route: &Route<A>| {
        let Route { method, path, has_page, .. } = *route;
        Row { function, method, path, has_page }
    };
    A::ROUTES.iter().map(row).collect()
}

/// The routes of the functions of the API.
pub(crate) fn routes() -> Vec<Row> {
    let mut routes = rows::<RegisterApp>("register");
    routes.extend(rows::<ActivateApp>("activate"));
    routes.extend(rows::<AccountApp>("account"));
    routes
}

/// The function for each method of each path, so that the function itself answers 405.
fn leads() -> BTreeSet<Lead> {
    let lead = |method: &str, path: &str, function: &str| {
        (method.to_owned(), path.to_owned(), function.to_owned())
    };
    let mut leads = BTreeSet::from([lead("ANY", "/", "site"), lead("ANY", "/{proxy+}", "site")]);
    for Row { function, path, has_page, .. } in routes() {
        // API Gateway has no separate path for `me`.
        let path = path.replace("/users/me", "/users/{id}");
        if has_page {
            // Names each method: under `sam local` it is random whether `ANY` or `GET` wins.
            leads.extend(["GET", "HEAD"].map(|method| lead(method, &path, "site")));
            leads.extend(NO_PAGE.map(|method| lead(method, &path, function)));
        } else {
            leads.insert(lead("ANY", &path, function));
        }
    }
    leads
}

/// Fails with the entries that only one of the two has.
fn expect_same(what: &str, found: &BTreeSet<Lead>, meant: &BTreeSet<Lead>) {
    let missing: Vec<_> = meant.difference(found).collect();
    let unknown: Vec<_> = found.difference(meant).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "{what} lacks {missing:?}, and has entries without a route: {unknown:?}"
    );
}

#[test]
fn template_yaml_leads_every_route_to_its_function_and_nothing_else() {
    let definition = &resource("Api")["DefinitionBody"];
    let mut found = BTreeSet::new();
    for (path, methods) in definition["paths"].as_object().unwrap() {
        for (method, route) in methods.as_object().unwrap() {
            let method = method.strip_prefix("x-amazon-apigateway-").unwrap_or(method);
            let method = method.strip_suffix("-method").unwrap_or(method).to_uppercase();
            let integration = &route["x-amazon-apigateway-integration"];
            assert_eq!(integration["type"], "aws_proxy", "{path}");
            // Without it, API Gateway would take the path literally.
            let parameter =
                path.split_once('{').and_then(|(_, rest)| rest.split(['}', '+']).next());
            let declared = parameter.map(|name| {
                json!([{ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }])
            });
            assert_eq!(route["parameters"], declared.unwrap_or_default(), "{path}");
            let uri = integration["uri"]["Fn::Sub"].as_str().unwrap();
            let function = uri.split_once("${AWS::StackName}-").unwrap().1;
            let function = function.strip_suffix(":live/invocations").unwrap();
            found.insert((method, path.clone(), function.to_owned()));
        }
    }
    let mut meant = leads();
    // It has its own throttling limit, which API Gateway sets per method.
    meant.insert(("GET".to_owned(), "/health".to_owned(), "activate".to_owned()));
    expect_same("template.yaml", &found, &meant);
}

#[test]
fn cargo_lambda_watch_leads_every_route_to_its_function() {
    let workspace: toml::Table = text("Cargo.toml").parse().unwrap();
    let router = &workspace["workspace"]["metadata"]["lambda"]["watch"]["router"];
    let mut found = BTreeSet::new();
    for (path, to) in router.as_table().unwrap() {
        let path = path.replace("/{*rest}", "/{proxy+}");
        let mut lead = |method: &str, function: &toml::Value| {
            let function = function.as_str().unwrap().to_owned();
            found.insert((method.to_owned(), path.clone(), function));
        };
        match to.as_array() {
            None => lead("ANY", to),
            Some(each) => {
                // API Gateway does not know this method.
                let each = each.iter().filter(|to| to["method"].as_str() != Some("TRACE"));
                each.for_each(|to| lead(to["method"].as_str().unwrap(), &to["function"]));
            }
        }
    }
    expect_same("The router of `cargo lambda watch` in Cargo.toml", &found, &leads());
}

#[test]
fn openapi_yaml_describes_every_route_and_no_other() {
    let mut found = BTreeSet::new();
    for (path, operations) in yaml("openapi.yaml")["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            found.insert((method.to_uppercase(), path.clone(), String::new()));
        }
    }
    let meant = routes()
        .into_iter()
        .map(|Row { method, path, .. }| (method.to_owned(), path.to_owned(), String::new()));
    expect_same("openapi.yaml", &found, &meant.collect());
}

#[test]
fn a_route_says_whether_its_path_is_a_page_as_well() {
    let pages: BTreeSet<_> = rows::<SiteApp>("site").iter().map(|row| row.path).collect();
    for Row { path, has_page, .. } in routes() {
        assert_eq!(has_page, pages.contains(path), "{path}: `beside_page` says it");
    }
}
