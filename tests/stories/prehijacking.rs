//! Pre-hijacking (Sudhodanan and Paverd, USENIX Security 2022): an attacker knows the address of
//! a person who has no account yet, prepares one, and waits for its owner to come. The attacks on
//! federated sign-in and on changing an address have nothing to attack here.

use serde_json::json;
use world::{Person, World};

const VICTIM: &str = "victim@example.com";
const ATTACKERS: &str = "attackers horse battery";

async fn attacker(world: &World) -> Person<'_> {
    let mut attacker = world.person(VICTIM).with_password(ATTACKERS).from_ip("198.51.100.66");
    attacker.signs_up().await.is(202);
    attacker
}

/// The attacker's password must not be the password of the victim's account.
#[tokio::test]
async fn classic_federated_merge_has_no_counterpart_two_sign_ups_are_never_merged() {
    let world = World::new().await;
    let attacker = attacker(&world).await;
    let victim = world.signs_up(VICTIM).await;
    let code = victim.mailed_code();
    // Neither with the newest code nor without naming the attempt does the password fit.
    attacker.activates_with(&code).await.is_problem(403, "code-incorrect");
    victim.activates_with(&code).await.is(200);

    attacker.clone().unnamed().signs_in().await.is_problem(401, "invalid-credentials");
    let stranger = attacker.visits().await;
    assert_eq!(stranger.claims()["activated"], false, "it is the attacker's own attempt");
    assert_ne!(Some(stranger.id()), victim.registration);
    let me = victim.visits().await.reads_itself().await;
    assert_eq!(me.is(200)["id"].as_str(), victim.registration.as_deref());
}

/// The victim takes the account over by a new password. The attacker's old one must not work, and
/// there must have been no account for the attacker to prepare.
#[tokio::test]
async fn classic_a_link_to_a_new_password_needs_an_account_that_its_owner_activated() {
    let world = World::new().await;
    let attacker = attacker(&world).await;
    let victim = world.person(VICTIM);
    victim.forgets().await.is(202);
    let note = victim.mails().pop().expect("a note");
    assert!(!note.text.contains("/password#token="), "{}", note.text);
    assert_eq!(world.links_of_accounts().await, 0);
    attacker.is_still_pending().await;
}

/// The attacker stays signed in while the victim takes the address into use.
#[tokio::test]
async fn unexpired_session_of_the_attacker_never_becomes_one_of_the_victims_account() {
    let world = World::new().await;
    let waiting = attacker(&world).await.visits().await;
    let victim = world.has_account(VICTIM).await;

    // It goes on as if the owner had not come: it must not even tell that they did.
    let me = waiting.reads_itself().await;
    assert_eq!(me.is(200)["activated_at"], json!(null));
    assert_ne!(me.body["id"].as_str(), victim.registration.as_deref());
    let path = format!("/users/{}", victim.registration.as_deref().expect("an account"));
    waiting.calls("GET", &path, None).await.is_problem(403, "not-activated");
    waiting.calls("DELETE", "/users/me", None).await.is_problem(403, "not-activated");
    victim.visits().await.deletes_itself().await.is(204);
    waiting.reads_itself().await.is_problem(401, "invalid-credentials");
}

/// The attacker keeps a way in that the victim does not see: another identifier, another code,
/// another link. All of them end with the attempt that they were made for.
#[tokio::test]
async fn trojan_identifier_no_code_link_or_session_of_another_attempt_opens_the_account() {
    let world = World::new().await;
    let attacker = attacker(&world).await;
    let (code, session) = (attacker.mailed_code(), attacker.visits().await);
    let victim = world.has_account(VICTIM).await;
    let account = victim.visits().await;

    attacker.activates_with(&code).await.is_problem(403, "code-incorrect");
    victim.clone().with_password(ATTACKERS).signs_in().await.is_problem(401, "invalid-credentials");
    let change = json!({ "password": "attackers new battery", "current_password": ATTACKERS });
    session.changes(&change).await.is_problem(403, "not-activated");
    let forged = account.with_claims(|claims| claims["generation"] = json!(1));
    forged.reads_itself().await.is_problem(401, "invalid-credentials");

    victim.forgets().await.is(202);
    victim.resets(&victim.mailed_link(), "victims new battery").await.is(204);
    account.reads_itself().await.is_problem(401, "invalid-credentials");
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!(attacker.resends().await.status, 429, "as if its code was never guessed");
}
