//! The answers to people who sign in.

use serde_json::json;
use shared::testing::{Answer, Event, Mood, Payload};
use world::{PASSWORD, Visitor};

use super::{ADA, Given, world};

/// The path of an account that is not there.
pub(super) const ABSENT: &str = "/users/00000000-0000-4000-8000-000000000000";

const SETTINGS: [(&str, &str); 1] = [("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0")];

pub(super) async fn all(given: &mut Given, payload: Payload) {
    foreign_and_unknown(given, payload).await;
    attempts_and_members(given, payload).await;
    admins(given, payload).await;
    recovery(given, payload).await;
    refusals(given, payload).await;
    outages(given, payload).await;
}

/// Every request of a person who is signed in, with a body that fits.
fn requests(visitor: &Visitor<'_>, id: &str) -> [Event; 9] {
    let disabled = json!({ "disabled": false });
    let locale = json!({ "locale": "en" });
    [
        visitor.event("POST", "/logout", None),
        visitor.event("GET", "/users/me", None),
        visitor.event("PATCH", "/users/me", Some(&locale)),
        visitor.event("DELETE", "/users/me", None),
        visitor.event("GET", "/users", None),
        visitor.event("GET", id, None),
        visitor.event("PATCH", id, Some(&disabled)),
        visitor.event("DELETE", id, None),
        visitor.event("GET", "/users?limit=1", None),
    ]
}

async fn foreign_and_unknown(given: &mut Given, payload: Payload) {
    let world = world(payload, &SETTINGS).await;
    let ada = world.visitor(ADA).await;
    let stranger = Visitor { token: "typed".to_owned(), ..ada.clone() };
    for event in requests(&stranger, ABSENT) {
        given.add(&world.send(&event).await, 401);
    }
    let login = json!({ "email": ADA, "password": PASSWORD });
    let reset = json!({ "token": "typed", "password": PASSWORD });
    let changes = requests(&ada, ABSENT).into_iter().filter(|event| event.method != "GET");
    let forms = [
        Event::new("POST", "/login").json(&login),
        Event::new("POST", "/password/forgot").json(&login),
        Event::new("POST", "/password/reset").json(&reset),
    ];
    let rows = world.all_rows().await;
    for event in changes.chain(forms) {
        let answer = world.send(&event.header("origin", "https://evil.example")).await;
        answer.is_problem(403, "forbidden");
        given.add(&answer, 403);
    }
    assert_eq!(world.all_rows().await, rows);
}

async fn attempts_and_members(given: &mut Given, payload: Payload) {
    let world = world(payload, &SETTINGS).await;
    let attempt = world.signs_up("bob@example.com").await.visits().await;
    for event in requests(&attempt, ABSENT).into_iter().skip(2) {
        let answer = world.send(&event).await;
        answer.is_problem(403, "not-activated");
        given.add(&answer, 403);
    }
    let ada = world.visitor(ADA).await;
    for event in requests(&ada, ABSENT).into_iter().skip(4) {
        let answer = world.send(&event).await;
        answer.is_problem(403, "forbidden");
        given.add(&answer, 403);
    }
    given.add(&ada.person.signs_in_with_a_form().await, 200);
    given.add(&ada.reads_itself().await, 200);
    given.add(&ada.changes(&json!({ "locale": "fr" })).await, 200);
    given.add(&ada.person.visits().await.signs_out().await, 204);
    let own = format!("/users/{}", ada.id());
    given.add(&ada.calls("GET", &own, None).await, 200);
    given.add(&ada.deletes_itself().await, 204);
}

async fn admins(given: &mut Given, payload: Payload) {
    let world = world(payload, &SETTINGS).await;
    let admin = world.admin("root@example.com").await;
    for event in requests(&admin, ABSENT).into_iter().skip(5).take(3) {
        let answer = world.send(&event).await;
        answer.is_problem(404, "not-found");
        given.add(&answer, 404);
    }
    given.add(&admin.calls("GET", "/users", None).await, 200);
    given.add(&admin.calls("GET", "/users?limit=0", None).await, 422);
    let ada = format!("/users/{}", world.visitor(ADA).await.id());
    given.add(&admin.calls("PATCH", &ada, Some(&json!({ "disabled": true }))).await, 200);
    let disabled = world.person(ADA).signs_in().await;
    disabled.is_problem(403, "forbidden");
    given.add(&disabled, 403);
    given.add(&admin.calls("DELETE", &ada, None).await, 204);
}

async fn recovery(given: &mut Given, payload: Payload) {
    let world = world(payload, &[("ADDRESS_SIGNUPS_PER_DAY", "3")]).await;
    let ada = world.has_account(ADA).await;
    given.add(&ada.resets("typed", PASSWORD).await, 410);
    world.ses.is_in_mood(Mood::HangsUp);
    let unsent = ada.forgets().await;
    unsent.is_problem(503, "mail-unavailable");
    given.add(&unsent, 503);
    world.ses.is_in_mood(Mood::Accepts);
    given.add(&ada.forgets().await, 202);
    given.add(&ada.forgets().await, 429);
    given.add(&ada.resets(&ada.mailed_link(), "a new horse battery").await, 204);
}

async fn refusals(given: &mut Given, payload: Payload) {
    let world =
        world(payload, &[("ATTEMPT_PASSWORD_FAILURES", "1"), ("ACCOUNT_PASSWORD_FAILURES", "1")])
            .await;
    let ada = world.visitor(ADA).await;
    let change = json!({ "password": "a new horse battery", "current_password": "wrong" });
    given.add(&ada.changes(&change).await, 422);
    given.add(&ada.changes(&change).await, 429);
    given.add(&ada.person.clone().with_password("wrong").unnamed().signs_in().await, 401);
    ada.person.clone().with_password("wrong").signs_in().await.is(401);
    given.add(&ada.person.signs_in().await, 429);

    world.time_passes(3601.0).await;
    let ada = ada.person.visits().await;
    world.stores_password_hash("$argon2id$typed").await;
    for answer in [ada.changes(&change).await, ada.person.clone().unnamed().signs_in().await] {
        answer.is_problem(500, "internal-error");
        given.add(&answer, 500);
    }
}

async fn outages(given: &mut Given, payload: Payload) {
    let world = world(payload, &SETTINGS).await;
    let admin = world.admin("root@example.com").await;
    world.database.refuses_connections().await;
    for event in requests(&admin, ABSENT) {
        given.add(&is_unavailable(world.send(&event).await), 503);
    }
    given.add(&is_unavailable(admin.person.resets("typed", PASSWORD).await), 503);
}

fn is_unavailable(answer: Answer) -> Answer {
    answer.is_problem(503, "database-unavailable");
    assert!(answer.retry_after() >= 1);
    answer
}
