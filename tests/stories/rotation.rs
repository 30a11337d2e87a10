//! The secret key is rotated while codes are alive.

use world::{KEY, World};

/// Another key.
const NEW_KEY: &str = "second:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

#[tokio::test]
async fn a_code_outlives_the_rotation_of_the_key_that_signed_it() {
    let both = format!("{KEY},{NEW_KEY}");
    let moved = format!("{NEW_KEY},{KEY}");
    let mut world = World::new().await;

    let code = world.signs_up("added@example.com").await.mailed_code();
    let ada = world.signs_up("moved@example.com").await;
    let (moved_code, moved_attempt) = (ada.mailed_code(), ada.registration.clone());

    // Added: it verifies, and does not sign yet.
    world.is_deployed_with(&[("SECRET_KEY", &both)]).await;
    let mut bob = world.person("added@example.com");
    bob.activates_with(&code).await.is(200);
    bob.email = "signed-by-old@example.com".to_owned();
    bob.signs_up().await.is(202);
    let (old_code, old_attempt) = (bob.mailed_code(), bob.registration.clone());

    // Moved first: from now on it signs; what the old one signed still counts.
    world.is_deployed_with(&[("SECRET_KEY", &moved)]).await;
    let mut ada = world.person("moved@example.com");
    ada.registration = moved_attempt;
    ada.activates_with(&moved_code).await.is(200);
    let cleo = world.signs_up("signed-by-new@example.com").await;
    let (new_code, new_attempt) = (cleo.mailed_code(), cleo.registration.clone());
    let signers = "SELECT count(*) FROM codes WHERE key_id = 'second'";
    assert_eq!(world.database.number(signers).await, 1);

    // Dropped: what the old one signed is a wrong code, what the new one signed is right.
    world.is_deployed_with(&[("SECRET_KEY", NEW_KEY)]).await;
    let mut bob = world.person("signed-by-old@example.com");
    bob.registration = old_attempt;
    bob.activates_with(&old_code).await.is_problem(403, "code-incorrect");
    bob.is_still_pending().await;
    let mut cleo = world.person("signed-by-new@example.com");
    cleo.registration = new_attempt;
    cleo.activates_with(&new_code).await.is(200);
    assert_eq!(world.active_accounts().await, 3);
}

#[tokio::test]
async fn an_idempotency_key_outlives_a_rotation() {
    let mut world = World::new().await;
    let first = world.person("ada@example.com").sending("idempotency-key", "k").signs_up().await;
    world.is_deployed_with(&[("SECRET_KEY", &format!("{NEW_KEY},{KEY}"))]).await;

    let again = world.person("ada@example.com").sending("idempotency-key", "k").signs_up().await;
    assert_eq!(again.is(202)["registration"], first.is(202)["registration"]);
    assert_eq!(world.ses.mails().len(), 1);
}
