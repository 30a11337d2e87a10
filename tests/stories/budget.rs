//! The address's budget: ten comparisons in any 24 hours, and one guess of each attempt's own.

use shared::testing::{Answer, SentMail};
use world::{Person, World};

pub(crate) const ADA: &str = "ada@example.com";
const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// Short stories: no wait between mails, and codes of a day that are never alike by chance.
const EAGER: [(&str, &str); 4] = [
    ("RESEND_COOLDOWN_SECONDS", "0"),
    ("ATTEMPT_MAILS", "100"),
    ("CODE_LIFETIME_SECONDS", "86400"),
    ("CODE_LENGTH", "8"),
];

pub(crate) async fn eager(settings: &[(&str, &str)]) -> World {
    World::with(&[&EAGER, settings].concat()).await
}

async fn guesses_wrong(person: &Person<'_>) -> Answer {
    person.activates_with(&person.world.wrong_code()).await
}

/// Guesses wrong until no guess is left. Each answer promises one fewer.
async fn guesses_down_to_none(person: &Person<'_>) -> u64 {
    let mut promised: Option<u64> = None;
    let mut guesses = 0;
    loop {
        let answer = guesses_wrong(person).await;
        if answer.status != 403 {
            assert_eq!(promised.unwrap_or(0), 0, "promised, but {}", answer.body);
            assert!([410, 429].contains(&answer.status), "{}", answer.body);
            return guesses;
        }
        let left = answer.is_problem(403, "code-incorrect")["attempts_left"].as_u64();
        let left = left.expect("a promise");
        assert!(promised.is_none_or(|promised| promised == left + 1), "{promised:?}, then {left}");
        promised = Some(left);
        guesses += 1;
    }
}

pub(crate) async fn nothing_was_activated(world: &World) {
    assert_eq!(world.active_accounts().await, 0);
    assert_eq!(world.audit_entries().await, 0);
    assert_eq!(world.used_codes().await, 0);
}

#[tokio::test]
async fn ten_guesses_are_spent_over_codes_resends_and_attempts_and_then_one_of_each_attempt() {
    let world = eager(&[]).await;
    let ada = world.signs_up(ADA).await;
    assert_eq!(guesses_down_to_none(&ada).await, 3);
    ada.resends().await.is(202);
    assert_eq!(guesses_down_to_none(&ada).await, 3);
    let again = world.signs_up(ADA).await;
    assert_eq!(guesses_down_to_none(&again).await, 3);
    assert_eq!(world.paid_by(ADA).await, 9);

    // One that the address can pay, and one of the attempt's own.
    again.resends().await.is(202);
    assert_eq!(guesses_down_to_none(&again).await, 2);
    ada.resends().await.is(202);
    assert_eq!(guesses_down_to_none(&ada).await, 1);
    assert_eq!(world.paid_by(ADA).await, 10);

    let rows = world.all_rows().await;
    for person in [&ada, &again] {
        for code in [world.wrong_code(), person.mailed_code()] {
            let refused = person.activates_with(&code).await;
            refused.is_problem(429, "too-many-requests");
            assert!((86_300..=86_400).contains(&refused.retry_after()), "{refused:?}");
        }
    }
    let noted = |rows: &str| rows.split("\nlimits").next().map(str::to_owned);
    assert_eq!(noted(&world.all_rows().await), noted(&rows));
    assert_eq!((world.paid_by(ADA).await, world.ses.mails().len()), (10, 5));
    nothing_was_activated(&world).await;
}

/// A call that waited for a lock notes when it began, behind calls that began later. A day later
/// its own place is free, and no other.
#[tokio::test]
async fn ten_guesses_a_day_also_when_they_were_not_noted_in_their_order() {
    let world = eager(&[("CODE_GUESSES", "100")]).await;
    let stranger = world.signs_up(ADA).await;
    assert_eq!(guesses_down_to_none(&stranger).await, 10 + 1);
    world.notes_the_first_guess_last().await;

    let again = world.signs_up(ADA).await;
    assert_eq!(guesses_down_to_none(&again).await, 1 + 1);
    assert_eq!(world.paid_by(ADA).await, 10);
}

#[tokio::test]
async fn a_guess_comes_back_24_hours_after_it_was_made() {
    let world = eager(&[("ADDRESS_GUESSES_PER_DAY", "3")]).await;
    let stranger = world.signs_up(ADA).await;
    assert_eq!(guesses_down_to_none(&stranger).await, 3);
    // An attempt ends after a day, so the one that is guessed at then is younger.
    world.first_guess_gets_old(ADA, HOUR).await;
    let ada = world.signs_up(ADA).await;
    assert_eq!(guesses_down_to_none(&ada).await, 1, "its own");

    // Two seconds, of which the request itself may take one.
    world.first_guess_gets_old(ADA, DAY - 2.0).await;
    let refused = ada.activates_with(&ada.mailed_code()).await;
    refused.is_problem(429, "too-many-requests");
    assert!((1..=2).contains(&refused.retry_after()));

    // At the moment that was named, one guess is back: but only one.
    world.first_guess_gets_old(ADA, DAY + 0.001).await;
    guesses_wrong(&ada).await.is(403);
    nothing_was_activated(&world).await;
}

#[tokio::test]
async fn one_second_after_24_hours_the_right_code_activates() {
    let world = eager(&[("ADDRESS_GUESSES_PER_DAY", "2")]).await;
    let stranger = world.signs_up(ADA).await;
    for _ in 0..3 {
        guesses_wrong(&stranger).await.is(403);
    }
    world.first_guess_gets_old(ADA, HOUR).await;
    let ada = world.signs_up(ADA).await;
    guesses_wrong(&ada).await.is(403);
    ada.activates_with(&ada.mailed_code()).await.is_problem(429, "too-many-requests");

    world.first_guess_gets_old(ADA, DAY + 1.0).await;
    ada.resends().await.is(202);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test]
async fn when_three_codes_do_not_fit_into_the_budget_the_wait_is_for_the_older_two_to_end() {
    let settings = [("CODE_LIFETIME_SECONDS", "60"), ("ADDRESS_GUESSES_PER_DAY", "1")];
    let world = eager(&settings).await;
    let ada = world.signs_up(ADA).await;
    world.time_passes(20.0).await;
    ada.resends().await.is(202);
    world.time_passes(10.0).await;
    ada.resends().await.is(202);
    guesses_wrong(&ada).await.is(403);
    assert_eq!(world.paid_by(ADA).await, 0, "its own");

    // Codes of 30, 10 and 0 seconds: two of them have to end.
    let refused = ada.activates_with(&ada.mailed_code()).await;
    refused.is_problem(429, "too-many-requests");
    let wait = refused.retry_after();
    assert!((48..=50).contains(&wait), "{wait}");
    world.time_passes(f64::from(wait)).await;
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

#[tokio::test]
async fn the_own_guess_is_compared_with_the_newest_code_only() {
    let world = eager(&[("ADDRESS_GUESSES_PER_DAY", "1")]).await;
    let stranger = world.signs_up(ADA).await;
    guesses_wrong(&stranger).await.is(403);
    let [ada, bea] = [world.signs_up(ADA).await, world.signs_up(ADA).await];
    assert_eq!(world.paid_by(ADA).await, 1);

    ada.resends().await.is(202);
    let codes: Vec<_> = ada.mails().iter().filter_map(SentMail::code).collect();
    let [.., of_ada, of_bea, newest_of_ada] = codes.as_slice() else { panic!("four mails") };
    let refused = ada.activates_with(of_ada).await;
    assert_eq!(refused.is_problem(403, "code-incorrect")["attempts_left"], 0);
    ada.activates_with(newest_of_ada).await.is_problem(429, "too-many-requests");
    nothing_was_activated(&world).await;
    assert_eq!(world.paid_by(ADA).await, 1);

    bea.activates_with(of_bea).await.is(200);
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!(world.paid_by(ADA).await, 1);
}

#[tokio::test]
async fn what_is_promised_is_what_may_be_guessed() {
    for (address, code) in [("1", "3"), ("4", "2"), ("5", "3"), ("7", "1")] {
        let settings = [("ADDRESS_GUESSES_PER_DAY", address), ("CODE_GUESSES", code)];
        let world = eager(&settings).await;
        let ada = world.signs_up(ADA).await;
        guesses_wrong(&ada).await.is(403);
        ada.resends().await.is(202);
        guesses_down_to_none(&ada).await;
        for _ in 0..2 {
            ada.resends().await.is(202);
        }
        guesses_down_to_none(&ada).await;
        let again = world.signs_up(ADA).await;
        again.resends().await.is(202);
        guesses_down_to_none(&again).await;

        assert!(world.paid_by(ADA).await <= address.parse().unwrap());
        nothing_was_activated(&world).await;
    }
}

#[tokio::test]
async fn a_mailbox_has_one_budget_however_its_address_is_written() {
    let world = eager(&[]).await;
    let mut guessed = 0;
    for email in [ADA, "Ada@Example.COM", "ada+one@example.com", "ADA+two@example.com"] {
        guessed += guesses_down_to_none(&world.signs_up(email).await).await;
    }
    // The fourth had one guess that the mailbox could pay, and one of its own.
    assert_eq!((guessed, world.paid_by(ADA).await), (11, 10));
    let other = world.signs_up("bea@example.com").await;
    assert_eq!(guesses_down_to_none(&other).await, 3);
    nothing_was_activated(&world).await;
}
