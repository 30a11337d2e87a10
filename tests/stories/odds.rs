//! The published odds: in any 24 hours, an attacker's wrong guesses are compared with at most
//! `ADDRESS_GUESSES_PER_DAY` codes of an address, and one more for each attempt on it.

use world::{World, count};

use crate::attacker::{ADA, Attacker, LONG_CODES};

#[tokio::test]
async fn an_attacker_who_opens_all_attempts_and_resends_all_mails_reaches_the_bound_and_not_one_more()
 {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    for (network, status) in [("192.0.2.1", 202), ("198.51.100.1", 202), ("203.0.113.1", 429)] {
        for _ in 0..5 {
            attacker.signs_up(world.person(ADA).from_ip(network)).await.is(status);
        }
        attacker.signs_up(world.person(ADA).from_ip(network)).await.is(429);
    }
    assert_eq!(attacker.attempts.len(), 10);

    for _ in 0..4 {
        for attempt in attacker.attempts.clone() {
            while attacker.guesses(&attempt).await.status == 403 {}
        }
        attacker.waits(31.0).await;
        for attempt in 0..10 {
            attacker.resends(attempt).await;
        }
    }
    assert_eq!(world.ses.mails().len(), 40, "all that the attempts had");

    attacker.has_spent_all(ADA).await;
}

#[tokio::test]
async fn a_guess_that_names_no_attempt_pays_for_every_code_that_could_have_chosen_one() {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    for _ in 0..3 {
        attacker.signs_up(world.person(ADA)).await.is(202);
    }

    attacker.guesses(&world.person(ADA)).await.is(403);
    assert_eq!((attacker.compared, world.paid_by(ADA).await), (3, 3));

    attacker.guesses_on(&world.person(ADA)).await;
    attacker.guesses_on_by_name().await;
    attacker.has_spent_all(ADA).await;
}

#[tokio::test]
async fn no_guess_is_free_because_the_newest_attempt_has_expired() {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    attacker.signs_up(world.person(ADA)).await.is(202);
    attacker.signs_up(world.person(ADA)).await.is(202);
    attacker.waits(61.0).await;
    attacker.resends(0).await.is(202);

    for paid in 1..=10 {
        let answer = attacker.guesses(&world.person(ADA)).await;
        answer.is_problem(410, "code-expired");
        assert_eq!((attacker.compared, world.paid_by(ADA).await), (paid, paid));
    }
    attacker.guesses_on(&world.person(ADA)).await;
    assert_eq!(attacker.compared, 10, "an unpaid guess is compared with nothing");

    attacker.guesses_on_by_name().await;
    attacker.has_spent_all(ADA).await;
}

#[tokio::test]
async fn no_guess_is_free_because_the_newest_attempt_is_exhausted() {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    attacker.signs_up(world.person(ADA)).await.is(202);
    attacker.signs_up(world.person(ADA)).await.is(202);
    let newest = attacker.attempts[1].clone();
    for _ in 0..3 {
        attacker.guesses(&newest).await.is(403);
    }

    for paid in 4..=10 {
        let answer = attacker.guesses(&world.person(ADA)).await;
        answer.is_problem(410, "code-exhausted");
        assert_eq!((attacker.compared, world.paid_by(ADA).await), (paid, paid));
    }
    attacker.guesses_on(&world.person(ADA)).await;
    assert_eq!(attacker.compared, 10, "an unpaid guess is compared with nothing");

    attacker.guesses_on_by_name().await;
    attacker.has_spent_all(ADA).await;
}

#[tokio::test]
async fn no_guess_is_free_because_the_newest_attempt_has_another_password() {
    let world = World::with(&[LONG_CODES, ("NETWORK_PASSWORD_FAILURES_PER_MINUTE", "0")]).await;
    let mut attacker = Attacker::new(&world);
    attacker.signs_up(world.person(ADA)).await.is(202);
    attacker.signs_up(world.person(ADA).with_password("another password")).await.is(202);

    // Each would have activated the older attempt, so the 401 is a wrong guess.
    attacker.guesses(&world.person(ADA)).await.is(401);
    assert_eq!((attacker.compared, world.paid_by(ADA).await), (1, 1));

    attacker.guesses_on(&world.person(ADA)).await;
    attacker.guesses_on_by_name().await;
    attacker.has_spent_all(ADA).await;
}

#[tokio::test]
async fn no_guess_is_free_because_the_older_attempt_is_another_persons() {
    let world = World::with(&[LONG_CODES, ("NETWORK_PASSWORD_FAILURES_PER_MINUTE", "0")]).await;
    let mut attacker = Attacker::new(&world);
    // Its password is unknown to the attacker, who would only be told that the code is hers.
    attacker.signs_up(world.person(ADA).with_password("only Ada knows")).await.is(202);
    attacker.signs_up(world.person(ADA)).await.is(202);

    attacker.guesses_on(&world.person(ADA)).await;
    attacker.guesses_on_by_name().await;
    attacker.has_spent_all(ADA).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unnamed_guesses_that_arrive_at_once_are_not_compared_before_they_are_paid() {
    let world = World::with(&[LONG_CODES]).await;
    let mut ada = world.person(ADA).with_password("only Ada knows");
    ada.signs_up().await.is(202);
    let stranger = world.signs_up(ADA).await;
    world.time_passes(61.0).await;
    ada.resends().await.is(202);
    let code = ada.mailed_code();

    // Ada's code and the stranger's password: 401 tells a hit, 410 a miss.
    let stranger = stranger.unnamed();
    let networks = (0..40).map(|n| stranger.clone().from_ip(&format!("198.51.100.{n}")));
    let answers = world.at_once(networks.map(|stranger| stranger.guess(&code)).collect()).await;

    assert_eq!(count(&answers, 401), 10);
    assert_eq!(count(&answers, 410), 30);
    assert_eq!(world.paid_by(ADA).await, 10);
    ada.activates_with(&code).await.is(200);
}

#[tokio::test]
async fn spellings_of_a_mailbox_share_the_bound() {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    for email in [ADA, "Ada+one@Example.com", "ADA+two+three@example.com"] {
        attacker.signs_up(world.person(email)).await.is(202);
    }
    for person in attacker.attempts.clone() {
        attacker.guesses_on(&person.unnamed()).await;
    }
    attacker.guesses_on_by_name().await;
    attacker.has_spent_all(ADA).await;
}
