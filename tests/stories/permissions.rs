//! Who may do what: every cell of the table, asked over HTTP.

use serde_json::{Value, json};
use world::{Person, Visitor, World};

/// What is asked for.
const REQUESTS: [(&str, &str); 11] = [
    ("GET", "/users/me"),
    ("PATCH", "/users/me"),
    ("GET", "/users"),
    ("GET", "/users/{own}"),
    ("GET", "/users/{other}"),
    ("GET", "/users/{absent}"),
    ("PATCH", "/users/{own}"),
    ("PATCH", "/users/{other}"),
    ("PATCH", "/users/{absent}"),
    ("DELETE", "/users/{absent}"),
    ("DELETE", "/users/{other}"),
];

/// The status of each answer, and of deleting oneself by both paths.
const EXPECTED: [(&str, [u16; 11], u16); 5] = [
    // me: GET PATCH | list | GET own, other, absent | PATCH own, other, absent | DELETE absent, other
    ("none", [401; 11], 401),
    ("attempt", [200, 403, 403, 200, 403, 403, 403, 403, 403, 403, 403], 403),
    ("member", [200, 200, 403, 200, 403, 403, 403, 403, 403, 403, 403], 204),
    ("admin", [200, 200, 200, 200, 200, 404, 200, 200, 404, 404, 204], 204),
    ("disabled", [401; 11], 401),
];

#[tokio::test]
async fn every_cell_of_the_table() {
    for (who, expected, deletion) in EXPECTED {
        let world = World::new().await;
        let other = world.has_account("other@example.com").await;
        let caller = becomes(&world, who, "caller@example.com").await;
        for ((method, path), status) in REQUESTS.into_iter().zip(expected) {
            let cell = Cell { who, visitor: caller.as_ref(), other: &other };
            cell.asks(&world, (method, path), status).await;
        }
        let another = becomes(&world, who, "another@example.com").await;
        for (visitor, path) in [(&caller, "/users/me"), (&another, "/users/{own}")] {
            let cell = Cell { who, visitor: visitor.as_ref(), other: &other };
            cell.asks(&world, ("DELETE", path), deletion).await;
        }
    }
}

/// Who asks, and whose account they ask about.
struct Cell<'a> {
    who: &'a str,
    visitor: Option<&'a Visitor<'a>>,
    other: &'a Person<'a>,
}

impl Cell<'_> {
    /// A request that is refused changes nothing.
    async fn asks(&self, world: &World, (method, path): (&str, &str), status: u16) {
        let Self { who, visitor, other } = self;
        let own = visitor.map_or_else(|| id(other), Visitor::id);
        let path = path
            .replace("{own}", &own)
            .replace("{other}", &id(other))
            .replace("{absent}", "00000000-0000-4000-8000-000000000000");
        let body = match (method, path.as_str()) {
            ("PATCH", "/users/me") => Some(json!({ "locale": "fr" })),
            ("PATCH", _) => Some(json!({ "disabled": false })),
            _ => None,
        };
        let rows = world.all_rows().await;
        let answer = match visitor {
            Some(visitor) => visitor.calls(method, &path, body.as_ref()).await,
            None => world.send(&anonymous(method, &path, body.as_ref())).await,
        };
        assert_eq!(answer.status, status, "{who}: {method} {path}: {}", answer.body);
        if status == 403 {
            let code = if *who == "attempt" { "not-activated" } else { "forbidden" };
            answer.is_problem(403, code);
        }
        if method == "GET" || status >= 400 {
            assert_eq!(world.all_rows().await, rows, "{who}: {method} {path}");
        }
    }
}

async fn becomes<'w>(world: &'w World, who: &str, email: &str) -> Option<Visitor<'w>> {
    match who {
        "none" => None,
        "attempt" => Some(world.signs_up(email).await.visits().await),
        "member" => Some(world.visitor(email).await),
        "admin" => Some(world.admin(email).await),
        _ => {
            let visitor = world.visitor(email).await;
            world.disables(email).await;
            Some(visitor)
        }
    }
}

fn id(person: &Person<'_>) -> String {
    person.registration.clone().expect("an account")
}

fn anonymous(method: &str, path: &str, body: Option<&Value>) -> shared::testing::Event {
    let event = shared::testing::Event::new(method, path);
    match body {
        Some(body) => event.json(body),
        None => event,
    }
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_with_the_next_request() {
    let world = World::new().await;
    let admin = world.admin("root@example.com").await;
    admin.calls("GET", "/users", None).await.is(200);
    let grant = json!({ "command": "grant", "email": "root@example.com", "role": "member" });
    world.operates(grant).await.expect("it is an active account");
    admin.calls("GET", "/users", None).await.is_problem(403, "forbidden");
    admin.reads_itself().await.is(200);
}

#[tokio::test]
async fn an_admin_does_not_see_an_attempt_as_an_account_either() {
    let world = World::new().await;
    let admin = world.admin("root@example.com").await;
    let attempt = world.signs_up("ada@example.com").await;
    let path = format!("/users/{}", id(&attempt));
    for (method, body) in
        [("GET", None), ("PATCH", Some(json!({ "disabled": true }))), ("DELETE", None)]
    {
        admin.calls(method, &path, body.as_ref()).await.is_problem(404, "not-found");
    }
    attempt.activates_with(&attempt.mailed_code()).await.is(200);
    admin.calls("GET", &path, None).await.is(200);
}
