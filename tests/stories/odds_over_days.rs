//! The published odds over several days: guesses that were saved up, and a mail service that
//! refuses.
//!
//! Over `k` days at most `(ADDRESS_GUESSES_PER_DAY + ADDRESS_SIGNUPS_PER_DAY) * k +
//! ADDRESS_SIGNUPS_PER_DAY` comparisons, and in any 24 hours at most `ADDRESS_GUESSES_PER_DAY +
//! 2 * ADDRESS_SIGNUPS_PER_DAY`.

use shared::testing::Mood;
use world::World;

use crate::attacker::{ADA, Attacker, LONG_CODES};

const HOUR: f64 = 3600.0;
const THROTTLED: Mood = Mood::Fails(429, "TooManyRequestsException");

/// All sign-ups of a day, from as many networks as that takes.
async fn signs_up_ten_times<'w>(attacker: &mut Attacker<'w>, world: &'w World) {
    for network in ["192.0.2.1", "198.51.100.1"] {
        for _ in 0..5 {
            attacker.signs_up(world.person(ADA).from_ip(network)).await.is(202);
        }
    }
    attacker.signs_up(world.person(ADA).from_ip("203.0.113.1")).await.is(429);
}

/// Guesses all that the address and each attempt have left, with codes that were just mailed. Each
/// attempt guesses twice: the address may pay for the first guess, the attempt's own is the second.
async fn guesses_with_all(attacker: &mut Attacker<'_>) {
    for _ in 0..2 {
        for number in 0..attacker.attempts.len() {
            attacker.resends(number).await;
            let attempt = attacker.attempts[number].clone();
            while attacker.guesses(&attempt).await.status == 403 {}
        }
        attacker.waits(31.0).await;
    }
}

#[tokio::test]
async fn guesses_saved_up_reach_the_bound_of_a_day_and_of_two_days_and_not_one_more() {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    signs_up_ten_times(&mut attacker, &world).await;
    // All of them are saved up until these attempts are about to end.
    attacker.waits(23.0 * HOUR).await;
    guesses_with_all(&mut attacker).await;
    assert_eq!(attacker.compared, 10 + 10, "the address's, and one of each attempt");

    for day in 1..=2 {
        attacker.waits(HOUR + 10.0).await;
        world.purges().await;
        let ended: Vec<_> = attacker.attempts.drain(..).collect();
        signs_up_ten_times(&mut attacker, &world).await;
        guesses_with_all(&mut attacker).await;
        // The first day's guesses and these came within two hours: the bound of any 24.
        assert_eq!(attacker.compared, 10 + 10 + 10 + (day - 1) * 20);
        for attempt in ended {
            attempt.activates_with("00000000").await.is(401);
            attempt.resends().await.is(401);
        }
        if day < 2 {
            // The address has its ten back; these attempts have used their own.
            attacker.waits(23.0 * HOUR).await;
            guesses_with_all(&mut attacker).await;
            assert_eq!(attacker.compared, 10 + 10 + day * 20);
        }
    }
    assert_eq!(attacker.compared, (10 + 10) * 2 + 10, "within two days");
    assert_eq!(world.active_accounts().await, 0);
}

/// No guess on two days, and mails that would keep the attempts alive: then all of them at once.
#[tokio::test]
async fn guesses_cannot_be_saved_up_for_longer_than_an_attempt_lives() {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    for _ in 0..2 {
        signs_up_ten_times(&mut attacker, &world).await;
        attacker.waits(23.0 * HOUR).await;
        for number in 0..attacker.attempts.len() {
            attacker.resends(number).await;
        }
        attacker.waits(HOUR + 10.0).await;
        world.purges().await;
    }
    signs_up_ten_times(&mut attacker, &world).await;
    assert_eq!(attacker.attempts.len(), 30);
    guesses_with_all(&mut attacker).await;
    assert_eq!(attacker.compared, 10 + 10, "the address's, and those of the last ten");
}

#[tokio::test]
async fn sign_ups_that_were_refused_are_no_attempts_to_guess_at_later() {
    let world = World::with(&[LONG_CODES]).await;
    let mut attacker = Attacker::new(&world);
    world.ses.is_in_mood(THROTTLED);
    let stranger = |n: usize| world.person(ADA).sending("idempotency-key", &format!("key-{n}"));
    for n in 0..30 {
        attacker.signs_up(stranger(n)).await.is_problem(503, "mail-unavailable");
    }
    assert_eq!((world.count("accounts").await, world.count("codes").await), (0, 0));

    // The mail service is back, and every refused sign-up is sent again.
    world.ses.is_in_mood(Mood::Accepts);
    let mut accepted = 0;
    for n in 0..30 {
        let answer = attacker.signs_up(stranger(n)).await;
        accepted += usize::from(answer.status == 202);
    }
    assert_eq!(accepted, 5, "as many as one network may open");
    assert_eq!(world.mails_to(ADA).len(), 5);
    guesses_with_all(&mut attacker).await;
    attacker.guesses_on_by_name().await;
    assert!(attacker.compared <= 10 + 5, "{} comparisons", attacker.compared);
}

#[tokio::test]
async fn an_own_guess_made_while_ses_hesitates_costs_the_place_of_its_sign_up() {
    let world = World::with(&[LONG_CODES, ("ADDRESS_GUESSES_PER_DAY", "1")]).await;
    // The address has nothing left, so every guess is an attempt's own.
    let first = world.signs_up(ADA).await;
    first.activates_with(&world.wrong_code()).await.is(403);

    let stranger = |n: usize| world.person(ADA).with_password(&format!("my horse {n} battery"));
    // Four more attempts than the first, and then the network has no place left.
    for n in 0..4 {
        world.ses.is_in_mood(Mood::Holds);
        let asked = world.ses.asked();
        let (mut refused, guesser) = (stranger(n), stranger(n));
        let (answer, guess) = tokio::join!(refused.signs_up(), async {
            world.ses.was_asked(asked + 1).await;
            let guess = guesser.activates_with(&world.wrong_code()).await;
            world.ses.is_in_mood(THROTTLED);
            guess
        });
        answer.is_problem(503, "mail-unavailable");
        guess.is_problem(403, "code-incorrect");
    }
    stranger(4).signs_up().await.is_problem(429, "too-many-requests");
    assert_eq!(world.own_guesses_used().await, 4);
}
