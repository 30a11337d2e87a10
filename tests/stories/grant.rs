//! An operator says who looks after all accounts.

use serde_json::{Value, json};
use world::World;

fn grant(email: &str, role: &str) -> Value {
    json!({ "command": "grant", "email": email, "role": role })
}

#[tokio::test]
async fn a_role_is_given_and_taken_back_and_both_are_noted() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    assert_eq!(world.role_of(&ada.email).await, "member");
    for role in ["admin", "member"] {
        let answer = world.operates(grant(" ADA@example.com", role)).await.expect("it succeeds");

        assert_eq!(answer, json!({ "id": ada.registration, "role": role }));
        assert_eq!(world.role_of(&ada.email).await, role);
        let noted = world.audit_log().await.pop().expect("an entry");
        assert_eq!((noted.action, noted.actor), (format!("granted: {role}"), None));
        assert_eq!(Some(noted.account), ada.registration);
    }
    assert_eq!(world.audit_entries().await, 3, "and the activation");
    ada.resends().await.is_problem(409, "already-active");
}

/// If it is enabled again, it must not still be an admin.
#[tokio::test]
async fn a_disabled_account_can_lose_its_role() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    world.operates(grant("ada@example.com", "admin")).await.expect("it succeeds");
    world.disables("ada@example.com").await;

    world.operates(grant("ada@example.com", "member")).await.expect("it succeeds");

    assert_eq!(world.role_of(&ada.email).await, "member");
}

#[tokio::test]
async fn only_an_active_account_gets_a_role() {
    let world = World::new().await;
    world.signs_up("pending@example.com").await;
    world.has_account("disabled@example.com").await;
    world.disables("disabled@example.com").await;
    let rows = world.all_rows().await;
    for (event, why) in [
        (grant("pending@example.com", "admin"), "no active account"),
        (grant("disabled@example.com", "admin"), "or it is disabled"),
        (grant("unknown@example.com", "member"), "no active account"),
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
async fn a_grant_waits_until_the_account_is_free() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    world.waits_as_briefly_as_maintain().await;
    let other = world.locks_accounts().await;

    let granted = world.operates(grant("ada@example.com", "admin"));
    let later = async {
        // Longer than its role waits for a row.
        world.database.makes_wait_again("grant_role").await;
        other.commits().await;
    };
    let (answer, ()) = tokio::join!(granted, later);

    assert_eq!(answer.expect("it succeeds")["role"], "admin");
    assert_eq!(world.role_of(&ada.email).await, "admin");
}
