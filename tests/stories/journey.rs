//! From the sign-up to the active account.

use shared::testing::Payload;

use world::{World, wrong_code};

#[tokio::test]
async fn a_person_signs_up_reads_the_mail_and_activates() {
    for payload in [Payload::Rest, Payload::Http] {
        let mut world = World::new().await;
        world.payload = payload;
        let mut ada = world.person("Ada@Example.com");

        let accepted = ada.signs_up().await;
        let body = accepted.is(202);
        assert_eq!(body["email"], "ada@example.com");
        assert_eq!((&body["expires_in"], &body["resend_in"]), (&60.into(), &30.into()));
        assert_eq!(world.active_accounts().await, 0);
        assert_eq!(ada.mails().len(), 1);

        let activated = ada.activates_with(&ada.mailed_code()).await;
        assert_eq!(activated.is(200)["email"], "ada@example.com");
        assert_eq!(activated.body["id"].as_str(), ada.registration.as_deref());
        assert_eq!(world.active_accounts().await, 1);
        assert_eq!(ada.mails().len(), 1, "one mail in all");
        assert_eq!(world.audit_entries().await, 1);
    }
}

#[tokio::test]
async fn a_code_works_one_second_before_its_minute_ends() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    world.time_passes(59.0).await;
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

#[tokio::test]
async fn a_code_is_refused_one_second_after_its_minute() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    world.time_passes(61.0).await;

    let refused = ada.activates_with(&ada.mailed_code()).await;
    assert_eq!(refused.is_problem(410, "code-expired")["resend_in"], 0);
    let wrong = ada.activates_with(&wrong_code(&ada.mailed_code())).await;
    wrong.is_problem(410, "code-expired");

    ada.is_still_pending().await;
    assert_eq!(world.audit_entries().await, 0);
    assert_eq!(world.counted_on_codes().await, 0);
}

#[tokio::test]
async fn the_last_activation_may_be_repeated_for_ten_minutes() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    let code = ada.mailed_code();
    let rows = world.all_rows().await;

    ada.activates_with(&code).await.is(200);
    ada.clone().unnamed().activates_with(&code).await.is(200);
    ada.activates_with(&wrong_code(&code)).await.is_problem(409, "already-active");
    world.time_passes(599.0).await;
    ada.activates_with(&code).await.is(200);
    world.time_passes(2.0).await;
    ada.activates_with(&code).await.is_problem(409, "already-active");

    world.time_passes(-601.0).await;
    let changed = |rows: &str| rows.split("\nlimits").next().map(str::to_owned);
    assert_eq!(changed(&world.all_rows().await), changed(&rows), "nothing else has changed");
}
