//! The mail service fails, and what that may cost.

use std::time::{Duration, Instant};

use shared::testing::{Mood, SentMail};
use world::{Moment, Person, World, wrong_code};

const ADA: &str = "ada@example.com";
const IN_ALL: Duration = Duration::from_millis(5500);

const THROTTLED: Mood = Mood::Fails(429, "TooManyRequestsException");
const REJECTED: Mood = Mood::Fails(400, "MessageRejected");
const BROKEN: Mood = Mood::Fails(500, "InternalServiceErrorException");

/// Signs up while SES refuses: the answer comes in time.
async fn is_told_to_try_again(ada: &mut Person<'_>) {
    let started = Instant::now();
    let answer = ada.signs_up().await;
    answer.is_problem(503, "mail-unavailable");
    assert!(answer.retry_after() >= 1);
    assert!(started.elapsed() < IN_ALL, "{:?}", started.elapsed());
    assert!(!answer.body.to_string().contains(&ada.email), "nothing personal");
}

/// The code that SES was asked to mail, whatever it answered.
fn attempted_code(world: &World) -> String {
    let mut codes: Vec<_> = world.ses.attempted().iter().filter_map(SentMail::code).collect();
    codes.dedup();
    assert_eq!(codes.len(), 1, "every try carries the same code");
    codes.remove(0)
}

/// Everything that a caller is told and not told: throttled, rejected, forbidden.
const REFUSALS: [Mood; 3] = [THROTTLED, REJECTED, Mood::Fails(403, "AccessDeniedException")];

#[tokio::test]
async fn a_sign_up_that_ses_refuses_costs_nothing_and_leaves_nothing() {
    for mood in REFUSALS {
        let world = World::new().await;
        let mut ada = world.person(ADA);
        let rows = world.all_rows().await;
        world.ses.is_in_mood(mood);
        is_told_to_try_again(&mut ada).await;
        assert_eq!(world.all_rows().await, rows, "{mood:?}");

        world.ses.is_in_mood(Mood::Accepts);
        ada.activates_with(&attempted_code(&world)).await.is(401);
        ada.resends().await.is(401);
        ada.signs_up().await.is(202);
        ada.activates_with(&ada.mailed_code()).await.is(200);
    }
}

/// A site that has turned its limits off gives no places back, and keeps no attempt either.
#[tokio::test]
async fn a_sign_up_without_limits_that_ses_refuses_leaves_nothing() {
    let off =
        ["NETWORK_SIGNUPS_PER_HOUR", "ADDRESS_NETWORK_SIGNUPS_PER_DAY", "ADDRESS_SIGNUPS_PER_DAY"];
    let world = World::with(&off.map(|limit| (limit, "0"))).await;
    let mut ada = world.person(ADA);
    let rows = world.all_rows().await;
    world.ses.is_in_mood(REJECTED);
    is_told_to_try_again(&mut ada).await;
    assert_eq!(world.all_rows().await, rows);
}

#[tokio::test]
async fn a_resend_that_ses_refuses_costs_nothing() {
    for mood in REFUSALS {
        let world = World::new().await;
        let ada = world.signs_up(ADA).await;
        world.time_passes(31.0).await;
        let places = world.places_taken().await;
        world.ses.is_in_mood(mood);
        ada.resends().await.is_problem(503, "mail-unavailable");
        let refused = world.ses.attempted().last().and_then(SentMail::code).expect("a code");
        assert_eq!(world.places_taken().await, places, "{mood:?}");
        world.time_passes(30.0).await;
        ada.activates_with(&refused).await.is_problem(410, "code-expired");

        // All but the first of the attempt's four mails are left, and the cooldown is over.
        world.ses.is_in_mood(Mood::Accepts);
        for _ in 0..3 {
            assert_eq!(ada.resends().await.is(202)["expires_in"], 60, "{mood:?}");
            world.time_passes(31.0).await;
        }
        ada.resends().await.is_problem(429, "too-many-requests");
        ada.activates_with(&ada.mailed_code()).await.is(200);
    }
}

#[tokio::test]
async fn what_ses_refuses_gives_back_this_place_and_no_other() {
    let world = World::new().await;
    let mut ada = world.person(ADA);
    for _ in 0..4 {
        ada.signs_up().await.is(202);
    }
    let rows = world.all_rows().await;
    world.ses.is_in_mood(REJECTED);
    for _ in 0..7 {
        is_told_to_try_again(&mut ada).await;
        assert_eq!(world.all_rows().await, rows);
    }
    world.ses.is_in_mood(Mood::Accepts);
    ada.signs_up().await.is(202);
    ada.signs_up().await.is_problem(429, "too-many-requests");
    assert_eq!(world.ses.mails().len(), 5);
}

#[tokio::test]
async fn a_refused_resend_leaves_the_earlier_code_and_the_cap_as_they_were() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    world.time_passes_until(Moment::NextMail, 1.0).await;
    let mails = world.mail_times().await;
    world.ses.is_in_mood(THROTTLED);
    ada.resends().await.is_problem(503, "mail-unavailable");
    ada.resends().await.is_problem(503, "mail-unavailable");
    assert_eq!((world.mail_times().await, world.ses.mails().len()), (mails, 1));

    let refused = world.ses.attempted().last().unwrap().code().unwrap();
    let first = ada.mailed_code();
    if refused != first {
        ada.activates_with(&refused).await.is_problem(403, "code-incorrect");
    }
    ada.activates_with(&first).await.is(200);
}

#[tokio::test]
async fn a_mail_whose_fate_is_unknown_may_arrive() {
    for mood in [BROKEN, Mood::Fails(503, "ServiceUnavailable"), Mood::IsSilent, Mood::HangsUp] {
        let world = World::new().await;
        let mut ada = world.person(ADA);
        world.ses.is_in_mood(mood);
        is_told_to_try_again(&mut ada).await;
        assert_eq!((world.places_taken().await, world.count("accounts").await), (3, 1), "{mood:?}");
        assert_eq!(world.mail_times().await.len(), 1, "the mail counts");
        assert_eq!(world.active_accounts().await, 0);

        world.ses.is_in_mood(Mood::Accepts);
        let code = attempted_code(&world);
        ada.activates_with(&wrong_code(&code)).await.is_problem(403, "code-incorrect");
        ada.resends().await.is(202);
        assert_eq!(world.mail_times().await.len(), 2, "{mood:?}");
        ada.resends().await.is_problem(429, "too-many-requests");
        ada.activates_with(&code).await.is(200);
        assert_eq!((world.active_accounts().await, world.places_taken().await), (1, 5), "{mood:?}");
    }
}

#[tokio::test]
async fn a_mail_is_refused_only_when_every_try_was() {
    for moods in [[Mood::HangsUp, THROTTLED], [BROKEN, REJECTED], [Mood::IsSilent, THROTTLED]] {
        let world = World::new().await;
        let mut ada = world.person(ADA);
        world.ses.is_in_moods(&moods);
        is_told_to_try_again(&mut ada).await;
        assert_eq!((world.ses.asked(), world.places_taken().await), (2, 3), "{moods:?}");
        ada.activates_with(&attempted_code(&world)).await.is(200);
    }
}

#[tokio::test]
async fn a_second_try_is_not_noticed() {
    for mood in [BROKEN, THROTTLED, Mood::HangsUp, Mood::IsSilent] {
        let world = World::new().await;
        world.ses.is_in_moods(&[mood, Mood::Accepts]);
        let ada = world.signs_up(ADA).await;
        assert_eq!((world.ses.asked(), ada.mails().len()), (2, 1), "{mood:?}");
        ada.activates_with(&attempted_code(&world)).await.is(200);
    }
}

#[tokio::test]
async fn the_minute_counts_from_the_hand_off() {
    let world = World::new().await;
    world.ses.is_in_mood(Mood::Holds);
    let mut ada = world.person(ADA);
    let (answer, ()) = tokio::join!(ada.signs_up(), async {
        world.ses.was_asked(1).await;
        // As if SES had taken its time.
        world.time_passes(20.0).await;
        world.ses.is_in_mood(Mood::Accepts);
    });
    assert_eq!(answer.is(202)["expires_in"], 60);
    assert_eq!(answer.body["resend_in"], 10, "the cooldown began when the mail was stored");
    let expires_at = answer.body["expires_at"].as_str().unwrap();
    assert_eq!(world.code_deadline().await, expires_at);
    assert_eq!(world.code_seconds_left().await, 60);

    world.time_passes_until(Moment::CodeEnds, -1.0).await;
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

#[tokio::test]
async fn a_hand_off_that_is_not_recorded_is_accepted_with_the_stored_deadline() {
    let world = World::new().await;
    world.ses.is_in_mood(Mood::Holds);
    let mut ada = world.person(ADA);
    let (answer, ()) = tokio::join!(ada.signs_up(), async {
        world.ses.was_asked(1).await;
        world.hides_table("codes").await;
        world.ses.is_in_mood(Mood::Accepts);
    });
    world.shows_table("codes").await;
    assert_eq!(answer.is(202)["expires_at"], world.code_deadline().await);
    assert_eq!((ada.mails().len(), world.count("accounts").await), (1, 1));
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

#[tokio::test]
async fn a_hand_off_that_cannot_be_recorded_in_time_tells_how_much_time_is_left() {
    let world = World::new().await;
    world.ses.is_in_mood(Mood::Holds);
    let mut ada = world.person(ADA);
    let started = Instant::now();
    let (answer, other) = tokio::join!(ada.signs_up(), async {
        world.ses.was_asked(1).await;
        let other = world.locks_codes().await;
        world.ses.is_in_mood(Mood::Accepts);
        other
    });
    let waited = started.elapsed().as_secs();
    // The statement that the function gave up still waits, and would be carried out now.
    other.ends_sessions_that_wait_for_codes().await;
    other.rolls_back().await;

    assert!((4..7).contains(&waited), "the database has five seconds in all: {waited}");
    assert_eq!(answer.is(202)["expires_at"], world.code_deadline().await);
    let left = world.code_seconds_left().await;
    let told = answer.body["expires_in"].as_i64().unwrap();
    assert!((left - 1..=left + 1).contains(&told), "told {told}, left {left}");
    assert!(answer.body["resend_in"].as_i64().unwrap() <= 26);
    assert_eq!(world.places_taken().await, 3);
    ada.activates_with(&ada.mailed_code()).await.is(200);
}
