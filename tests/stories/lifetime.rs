//! An attempt lives 24 hours from its sign-up, whatever is mailed meanwhile. After that it is as if
//! it had never existed.

use world::{Moment, World};

const ADA: &str = "ada@example.com";
const DAY: f64 = 86_400.0;

#[tokio::test]
async fn an_attempt_cannot_be_kept_alive_by_mailing_it() {
    let world = World::with(&[("CODE_LIFETIME_SECONDS", "86400")]).await;
    let ada = world.signs_up(ADA).await;
    world.time_passes(DAY - 60.0).await;
    ada.resends().await.is(202);
    let session = ada.visits().await;
    session.reads_itself().await.is(200);

    // Its code and its cooldown would have gone on.
    world.time_passes(61.0).await;
    let (rows, mails) = (world.all_rows().await, world.ses.asked());
    for person in [ada.clone(), ada.clone().unnamed()] {
        person.activates_with(&ada.mailed_code()).await.is_problem(401, "invalid-credentials");
        person.resends().await.is_problem(401, "invalid-credentials");
        person.signs_in().await.is_problem(401, "invalid-credentials");
    }
    session.reads_itself().await.is_problem(401, "invalid-credentials");
    assert_eq!(world.active_accounts().await, 0);
    assert_eq!(world.ses.asked(), mails);
    let accounts = |rows: &str| rows.split("\nlimits").next().map(str::to_owned);
    assert_eq!(accounts(&world.all_rows().await), accounts(&rows), "only wrong passwords counted");

    world.time_passes(2.0 * DAY).await;
    world.purges().await;
    assert_eq!(world.count("accounts").await, 0);
}

/// Otherwise a slow hash would make room for the next day's sign-ups before this one's have ended.
#[tokio::test]
async fn an_attempt_does_not_outlive_the_places_that_it_took() {
    let world = World::new().await;
    world.signs_up(ADA).await;
    assert_eq!(world.limits_with_a_place_of_the_attempt().await, 3);
}

#[tokio::test]
async fn an_attempt_that_has_ended_is_never_the_newest() {
    let world = World::new().await;
    let older = world.signs_up(ADA).await.with_password("only the older knows");
    world.makes_attempts_older(86_400).await;
    let ada = world.signs_up(ADA).await;
    ada.clone().unnamed().signs_in().await.is(200);
    older.unnamed().signs_in().await.is(401);

    world.time_passes(DAY).await;
    ada.clone().unnamed().signs_in().await.is(401);
    ada.clone().unnamed().activates_with(&ada.mailed_code()).await.is(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_ends_while_its_right_code_is_judged_is_gone() {
    let world = World::with(&[("CODE_LIFETIME_SECONDS", "86400")]).await;
    let ada = world.signs_up(ADA).await;
    world.time_passes_until(Moment::AttemptEnds, -30.0).await;
    let other = world.locks_accounts().await;

    let (answers, ()) = tokio::join!(world.at_once(vec![ada.guess(&ada.mailed_code())]), async {
        world.database.makes_wait("guess(", 1).await;
        // The password was right, and the minute in which the attempt ends is over.
        other.makes_attempts_older(60).await;
        other.commits().await;
    });

    answers[0].is_problem(401, "invalid-credentials");
    ada.is_still_pending().await;
}

#[tokio::test]
async fn an_account_does_not_end() {
    let world = World::new().await;
    let ada = world.has_account(ADA).await;
    world.time_passes(400.0 * DAY).await;
    world.purges().await;
    for person in [ada.clone(), ada.clone().unnamed()] {
        person.visits().await.reads_itself().await.is(200);
        person.resends().await.is_problem(409, "already-active");
    }
}
