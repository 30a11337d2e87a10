//! What is deployed: the functions as `sam build` made them, each under Lambda's own emulator and in
//! its own database role, with events as `sam local generate-event` makes them.
//!
//! Needs the SAM CLI (`SAM`) and the functions it has built (`FUNCTIONS`): `.ci/functions` brings both.

mod emulator;
mod events;
mod stage;

use serde_json::{Value, json};
use shared::testing::{Event, Payload, TestDatabase};
use stage::Stage;
use world::{PASSWORD, basic, sign_up_body, wrong_code};

const ADA: &str = "ada@example.com";

fn sign_in() -> Event {
    Event::new("POST", "/login").json(&json!({ "email": ADA, "password": PASSWORD }))
}

fn as_signed_in(method: &str, path: &str, session: &Value) -> Event {
    let token = session["access_token"].as_str().unwrap_or_default();
    Event::new(method, path).header("authorization", &format!("Bearer {token}"))
}

fn guess(code: &str, registration: &Value) -> Event {
    Event::new("POST", "/activate")
        .json(&json!({ "code": code, "registration": registration }))
        .header("authorization", &basic(ADA, PASSWORD))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_passes_with_each_function_in_its_own_role() {
    for payload in [Payload::Rest, Payload::Http] {
        let stage = Stage::new(payload).await;
        let register = stage.function("Register", "register").await;
        let activate = stage.function("Activate", "activate").await;

        let health = stage.send(&activate, &Event::new("GET", "/health")).await;
        assert_eq!(health.status, 200, "{health:?}");
        let sign_up = Event::new("POST", "/register").json(&sign_up_body(ADA, PASSWORD));
        let signed_up = stage.send(&register, &sign_up).await;
        assert_eq!(signed_up.status, 202, "{signed_up:?}");
        let code = stage.mailed_code();
        let attempt = &signed_up.body["registration"];
        let resend = Event::new("POST", "/resend").json(&json!({ "registration": attempt }));
        let resend = resend.header("authorization", &basic(ADA, PASSWORD));
        assert_eq!(stage.send(&register, &resend).await.status, 429, "too early");

        let incorrect = stage.send(&activate, &guess(&wrong_code(&code), attempt)).await;
        assert_eq!((incorrect.status, &incorrect.body["attempts_left"]), (403, &json!(2)));
        let activated = stage.send(&activate, &guess(&code, attempt)).await;
        assert_eq!((activated.status, &activated.body["email"]), (200, &json!(ADA)));
        let repeated = stage.send(&activate, &guess(&code, attempt)).await;
        assert_eq!(repeated.body, activated.body);
        assert_eq!(stage.send(&register, &resend).await.status, 409);

        let account = stage.function("Account", "account").await;
        let session = stage.send(&account, &sign_in()).await;
        assert_eq!((session.status, &session.body["activated"]), (200, &json!(true)));
        let me = stage.send(&account, &as_signed_in("GET", "/users/me", &session.body)).await;
        assert_eq!((me.status, &me.body["email"]), (200, &json!(ADA)), "{me:?}");
        assert_eq!((&me.body["id"], &me.body["role"]), (&activated.body["id"], &json!("member")));
        let deletion = as_signed_in("DELETE", "/users/me", &session.body);
        assert_eq!(stage.send(&account, &deletion).await.status, 204);
        assert_eq!(stage.count("accounts").await, 0);
        assert_eq!(stage.send(&account, &sign_in()).await.status, 401);

        // An answer of ours, whatever the path, without a database.
        let site = stage.function_without_database("Site").await;
        let lost = stage.send(&site, &Event::new("POST", "/nowhere")).await;
        assert_eq!((lost.status, &lost.body["code"]), (404, &json!("not-found")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_imported_chooses_a_password_and_may_be_made_an_admin() {
    for payload in [Payload::Rest, Payload::Http] {
        let stage = Stage::new(payload).await;
        let maintain = stage.operate("Maintain", "maintain", "purge,import,grant").await;
        let import = json!({ "command": "import", "users": [{ "email": ADA }] });
        let imported = maintain.invoke(&import).await;
        assert_eq!(imported, json!({ "imported": 1, "refused": [] }));
        assert_eq!(stage.ses.asked(), 0, "no email leaves");

        let account = stage.function("Account", "account").await;
        let forgot = Event::new("POST", "/password/forgot").json(&json!({ "email": ADA }));
        assert_eq!(stage.send(&account, &forgot).await.status, 202);
        let reset = json!({ "token": stage.mailed_token(), "password": PASSWORD });
        let reset = Event::new("POST", "/password/reset").json(&reset);
        assert_eq!(stage.send(&account, &reset).await.status, 204);
        let session = stage.send(&account, &sign_in()).await.body;
        let all_users = as_signed_in("GET", "/users", &session);
        assert_eq!(stage.send(&account, &all_users).await.status, 403);

        let grant = json!({ "command": "grant", "email": ADA, "role": "admin" });
        let granted = maintain.invoke(&grant).await;
        assert_eq!(granted["role"], json!("admin"), "{granted}");
        let listed = stage.send(&account, &all_users).await;
        assert_eq!(listed.status, 200, "{listed:?}");
        assert_eq!(listed.body["users"][0]["id"], granted["id"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_can_do_its_work_in_its_neighbours_role() {
    let stage = Stage::new(Payload::Rest).await;
    let sign_up = Event::new("POST", "/register").json(&sign_up_body(ADA, PASSWORD));
    for role in ["activate", "account", "maintain"] {
        let register = stage.function("Register", role).await;
        let refused = stage.send(&register, &sign_up).await;
        assert_eq!((refused.status, &refused.body["code"]), (503, &json!("database-unavailable")));
    }
    assert_eq!((stage.count("accounts").await, stage.ses.asked()), (0, 0));

    let register = stage.function("Register", "register").await;
    let signed_up = stage.send(&register, &sign_up).await;
    let code = stage.mailed_code();
    for role in ["register", "account", "maintain"] {
        let activate = stage.function("Activate", role).await;
        let refused = stage.send(&activate, &guess(&code, &signed_up.body["registration"])).await;
        assert_eq!((refused.status, &refused.body["code"]), (503, &json!("database-unavailable")));
    }
    assert_eq!(stage.count("accounts WHERE activated_at IS NOT NULL").await, 0);

    let account = stage.function("Account", "account").await;
    let session = stage.send(&account, &sign_in()).await;
    assert_eq!(session.status, 200, "an attempt may sign in: {session:?}");
    for role in ["register", "activate", "maintain"] {
        let account = stage.function("Account", role).await;
        let refused = stage.send(&account, &sign_in()).await;
        assert_eq!((refused.status, &refused.body["code"]), (503, &json!("database-unavailable")));
        let me = as_signed_in("GET", "/users/me", &session.body);
        assert_eq!(stage.send(&account, &me).await.status, 503);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operate_does_what_its_deployment_accepts_and_nothing_else() {
    let stage = Stage::on(TestDatabase::empty().await, Payload::Rest).await;
    let migrate = stage.operate("Migrate", "postgres", "migrate").await;
    let migrated = migrate.invoke(&json!({ "command": "migrate" })).await;
    assert_eq!(migrated["applied"][0], json!("V1__create_accounts"), "{migrated}");
    let again = migrate.invoke(&json!({ "command": "migrate" })).await;
    let nothing = json!({ "applied": [], "indexes": [], "functions": null, "removed": [] });
    assert_eq!(again, nothing);
    for command in ["purge", "import", "grant"] {
        let refused = migrate.invoke(&json!({ "command": command })).await;
        assert_eq!(refused["errorType"], json!("NotAccepted"), "{refused}");
    }

    let maintain = stage.operate("Maintain", "maintain", "purge,import,grant").await;
    let purged = maintain.invoke(&json!({ "command": "purge" })).await;
    assert_eq!(purged["complete"], json!(true), "{purged}");
    let refused = maintain.invoke(&json!({ "command": "migrate" })).await;
    assert_eq!(refused["errorType"], json!("NotAccepted"), "{refused}");
    let not_its_own = stage.operate("Migrate", "maintain", "migrate").await;
    let failed = not_its_own.invoke(&json!({ "command": "migrate" })).await;
    assert_eq!(failed["errorType"], json!("Migrate"), "maintain owns nothing: {failed}");
}
