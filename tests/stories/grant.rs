//! An operator says who looks after all accounts.

use serde_json::{Value, json};
use world::{Person, World};

fn grant(email: &str, role: &str) -> Value {
    json!({ "command": "grant", "email": email, "role": role })
}

async fn role_of(world: &World, person: &Person<'_>) -> String {
    let role = format!("SELECT role FROM accounts WHERE email = '{}'", person.email);
    world.database.row(&role).await.get(0)
}

#[tokio::test]
async fn a_role_is_given_and_taken_back_and_both_are_noted() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    assert_eq!(role_of(&world, &ada).await, "member");
    for role in ["admin", "member"] {
        let answer = world.operates(grant(" ADA@example.com", role)).await.expect("it succeeds");

        assert_eq!(answer, json!({ "id": ada.registration, "role": role }));
        assert_eq!(role_of(&world, &ada).await, role);
        let noted = format!(
            "SELECT count(*) FROM audit_log WHERE action = 'granted: {role}'
                AND account_id = '{}' AND actor_id IS NULL",
            ada.registration.as_deref().expect("an id")
        );
        assert_eq!(world.database.number(&noted).await, 1);
    }
    ada.resends().await.is_problem(409, "already-active");
}

/// Enabled again, it must not be an admin still.
#[tokio::test]
async fn a_disabled_account_can_lose_its_role() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    world.operates(grant("ada@example.com", "admin")).await.expect("it succeeds");
    world.database.execute("UPDATE accounts SET disabled_at = now()").await;

    world.operates(grant("ada@example.com", "member")).await.expect("it succeeds");

    assert_eq!(role_of(&world, &ada).await, "member");
}

#[tokio::test]
async fn only_an_active_account_gets_a_role() {
    let world = World::new().await;
    world.signs_up("pending@example.com").await;
    world.has_account("disabled@example.com").await;
    world
        .database
        .execute("UPDATE accounts SET disabled_at = now() WHERE email LIKE 'disabled%'")
        .await;
    let rows = world.all_rows().await;
    for (event, why) in [
        (grant("pending@example.com", "admin"), "no active account"),
        (grant("disabled@example.com", "admin"), "or it is disabled"),
        (grant("nobody@example.com", "member"), "no active account"),
        (grant("disabled@example.com", "root@example.com"), "`role` must be admin or member"),
        (grant("x..y@example.com", "admin"), "`email`: remove the dot"),
        (json!({ "command": "grant", "role": "admin" }), "must have `email` and `role`"),
        (json!({ "command": "grant", "email": ["a@example.com"], "role": "admin" }), "must have"),
    ] {
        let message = world.operates(event).await.expect_err("it fails");
        assert!(message.starts_with("grant: ") && message.contains(why), "{message}");
        assert!(!message.contains("example.com"), "{message}");
    }
    assert_eq!(world.all_rows().await, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_waits_for_whoever_is_at_work_on_the_account() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    let other = shared::testing::TestDatabase::connect(world.database.config().clone()).await;
    other.execute("BEGIN; UPDATE accounts SET locale = 'fr'").await;

    let granted = world.operates(grant("ada@example.com", "admin"));
    let later = async {
        // Longer than its role waits for a row.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        other.execute("COMMIT").await;
    };
    let (answer, ()) = tokio::join!(granted, later);

    assert_eq!(answer.expect("it succeeds")["role"], "admin");
    assert_eq!(role_of(&world, &ada).await, "admin");
}
