//! A person reads a mail that they did not ask for, and says so.

use shared::testing::{Mood, Payload};
use world::World;

#[tokio::test]
async fn an_attempt_that_was_not_mine_can_never_be_activated() {
    for payload in [Payload::Rest, Payload::Http] {
        let mut world = World::new().await;
        world.payload = payload;
        let mallory = world.signs_up("ada@example.com").await;
        let code = mallory.mailed_code();

        mallory.was_not_me(&mallory.mailed_not_me()).await.is(204);

        mallory.activates_with(&code).await.is_problem(410, "code-expired");
        world.time_passes(31.0).await;
        mallory.resends().await.is_problem(429, "too-many-requests");
        mallory.is_still_pending().await;
        assert_eq!(mallory.mails().len(), 1);
        assert_eq!(world.count("audit_log").await, 1);
    }
}

#[tokio::test]
async fn a_code_whose_mail_was_on_its_way_activates_nothing() {
    let world = World::new().await;
    let mallory = world.signs_up("ada@example.com").await;
    mallory.was_not_me(&mallory.mailed_not_me()).await.is(204);
    // As a hand-off does that is recorded later.
    world.renews_codes().await;

    mallory.activates_with(&mallory.mailed_code()).await.is_problem(403, "code-incorrect");
    mallory.is_still_pending().await;
}

#[tokio::test]
async fn a_disowned_attempt_is_never_mailed_again() {
    for settings in [vec![], vec![("RESEND_COOLDOWN_SECONDS", "0"), ("ATTEMPT_MAILS", "0")]] {
        let world = World::with(&settings).await;
        let mallory = world.signs_up("ada@example.com").await;
        mallory.was_not_me(&mallory.mailed_not_me()).await.is(204);
        for _ in 0..3 {
            assert!([401, 429].contains(&mallory.resends().await.status));
            world.time_passes(43_150.0).await;
            assert!([401, 429].contains(&mallory.resends().await.status));
            world.time_passes(43_300.0).await;
            world.purges().await;
        }
        mallory.resends().await.is(401);
        assert_eq!(mallory.mails().len(), 1);
        assert_eq!(world.ses.asked(), 1);
    }
}

/// What SES refuses gives the cooldown back. It must not bring a disowned attempt back.
#[tokio::test]
async fn a_mail_that_fails_after_it_was_disowned_brings_no_attempt_back() {
    for answer in [Mood::Fails(400, "MessageRejected"), Mood::HangsUp] {
        let world = World::new().await;
        let mallory = world.signs_up("ada@example.com").await;
        let token = mallory.mailed_not_me();
        world.time_passes(31.0).await;
        world.ses.is_in_mood(Mood::Holds);
        let asked = world.ses.asked();
        let resend = mallory.resend();
        let (failed, ()) = tokio::join!(world.at_once(vec![resend]), async {
            world.ses.was_asked(asked + 1).await;
            mallory.was_not_me(&token).await.is(204);
            world.ses.is_in_mood(answer);
        });
        failed[0].is_problem(503, "mail-unavailable");

        world.ses.is_in_mood(Mood::Accepts);
        let mails = world.ses.asked();
        mallory.resends().await.is_problem(429, "too-many-requests");
        world.time_passes(3600.0).await;
        mallory.resends().await.is_problem(429, "too-many-requests");
        assert_eq!(world.ses.asked(), mails);
    }
}

#[tokio::test]
async fn the_sign_ups_of_the_address_are_used_up_for_a_day_and_no_longer() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    let token = ada.mailed_not_me();
    ada.was_not_me(&token).await.is(204);
    let mut other = world.person("ada+2@example.com").from_ip("198.51.100.7");
    assert!(other.signs_up().await.retry_after() > 86_000);
    world.signs_up("bob@example.com").await;

    world.time_passes(43_200.0).await;
    let before = world.all_rows().await;
    ada.was_not_me(&token).await.is(204);
    assert_eq!(world.all_rows().await, before, "a second time it does nothing");
    world.time_passes(43_300.0).await;
    other.signs_up().await.is(202);
}

#[tokio::test]
async fn an_account_that_became_active_today_is_disabled() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    ada.was_not_me(&ada.mailed_not_me()).await.is(204);
    assert_eq!(world.disabled_accounts().await, 1);
    // Also for a caller that repeats the activation.
    ada.activates_with(&ada.mailed_code()).await.is_problem(409, "already-active");
}

#[tokio::test]
async fn a_token_that_is_unknown_or_a_day_old_does_nothing() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    let token = ada.mailed_not_me();
    let before = world.all_rows().await;
    for unknown in ["", "typed", "AAAAAAAAAAAAAAAAAAAAAA", &token[1..]] {
        ada.was_not_me(unknown).await.is(204);
    }
    assert_eq!(world.all_rows().await, before);
    world.time_passes(86_401.0).await;
    let before = world.all_rows().await;
    ada.was_not_me(&token).await.is(204);
    assert_eq!(world.all_rows().await, before);
}

#[tokio::test]
async fn a_token_that_was_never_mailed_costs_as_much_as_a_real_one() {
    let world = World::on_the_wire(&[]).await;
    let ada = world.signs_up("ada@example.com").await;
    let token = ada.mailed_not_me();
    let mut costs = Vec::new();
    for token in ["AAAAAAAAAAAAAAAAAAAAAA", "no token at all", &token, &token] {
        let before = world.traffic();
        let answer = ada.was_not_me(token).await;
        let after = world.traffic();
        answer.is(204);
        costs.push((after.statements - before.statements, after.round_trips - before.round_trips));
    }
    assert_eq!(costs, [(2, 2); 4], "unknown, unreadable, real, used");
}

#[tokio::test]
async fn activation_beside_not_me_leaves_no_account_that_can_be_used() {
    let world = World::new().await;
    for n in 0..8 {
        let ada = world.signs_up(&format!("ada{n}@example.com")).await;
        let (code, token) = (ada.mailed_code(), ada.mailed_not_me());
        let (_, said) = tokio::join!(ada.activates_with(&code), ada.was_not_me(&token));
        said.is(204);
    }
    assert_eq!(world.usable_accounts_and_attempts().await, 0);
}
