//! The published odds: in any 24 hours, an attacker's wrong guesses are compared with at most
//! `ADDRESS_GUESSES_PER_DAY` codes of an address, and one more for each attempt on it.
//!
//! A guess was compared with a code when that code would have been answered differently: asked
//! from the outside, of the database as it is, for each code that was mailed and may be alive.

use shared::testing::{Answer, SentMail};
use world::{Person, World, count};

const ADA: &str = "ada@example.com";

/// Long codes, so that none is like another by chance.
const LONG_CODES: (&str, &str) = ("CODE_LENGTH", "8");

/// Somebody who cannot read the mail, and whom we let count.
struct Attacker<'w> {
    world: &'w World,
    attempts: Vec<Person<'w>>,
    /// How often a guess was compared with a live code.
    compared: i64,
    seconds: f64,
    /// Every code that was mailed, and when.
    mailed: Vec<(f64, String)>,
}

impl<'w> Attacker<'w> {
    fn new(world: &'w World) -> Self {
        Self { world, attempts: Vec::new(), compared: 0, seconds: 0.0, mailed: Vec::new() }
    }

    /// Opens one more attempt. The attempts are counted from 0.
    async fn signs_up(&mut self, person: Person<'w>) -> Answer {
        let mut person = person;
        let answer = person.signs_up().await;
        if answer.status == 202 {
            self.attempts.push(person);
        }
        self.note_mails();
        answer
    }

    async fn resends(&mut self, attempt: usize) -> Answer {
        let answer = self.attempts[attempt].resends().await;
        self.note_mails();
        answer
    }

    async fn waits(&mut self, seconds: f64) {
        self.world.time_passes(seconds).await;
        self.seconds += seconds;
    }

    /// Guesses wrong as this person, after finding out what it would be compared with.
    async fn guesses(&mut self, person: &Person<'_>) -> Answer {
        let told = |answer: &Answer| {
            (answer.status, answer.body["code"].clone(), answer.body["attempts_left"].clone())
        };
        let seconds = self.seconds;
        let alive = self.mailed.iter().filter(|(at, _)| seconds - at < 62.0);
        let mut answers = Vec::new();
        for (_, code) in alive {
            answers.push(told(&self.world.would_answer(&person.guess(code)).await));
        }
        let answer = person.activates_with(&self.world.wrong_code()).await;
        let told = told(&answer);
        self.compared += answers.iter().map(|other| i64::from(*other != told)).sum::<i64>();
        answer
    }

    /// Guesses until guessing yields nothing more; a few times more, to see whether it is free.
    async fn guesses_on(&mut self, person: &Person<'_>) {
        let mut in_vain = 0;
        while in_vain < 2 {
            let compared = self.compared;
            self.guesses(person).await;
            in_vain = if self.compared == compared { in_vain + 1 } else { 0 };
            assert!(self.compared <= 100, "without end");
        }
    }

    /// Guesses all that the attempts still have, each by its name.
    async fn guesses_on_by_name(&mut self) {
        for _ in 0..2 {
            for person in self.attempts.clone() {
                while self.guesses(&person).await.status == 403 {}
            }
            self.waits(31.0).await;
            for attempt in 0..self.attempts.len() {
                self.resends(attempt).await;
            }
        }
    }

    fn note_mails(&mut self) {
        let mails = self.world.ses.mails();
        let new = mails.iter().skip(self.mailed.len()).filter_map(SentMail::code);
        self.mailed.extend(new.map(|code| (self.seconds, code)));
    }

    /// The bound: reached, and not exceeded.
    async fn has_spent_all(&self, mailbox: &str) {
        assert_eq!(self.world.paid_by(mailbox).await, 10, "paid");
        let own = self.attempts.iter().map(|_| 1).sum::<i64>();
        assert_eq!(self.compared, 10 + own, "compared");
        assert_eq!(self.world.active_accounts().await, 0);
        assert_eq!(self.world.database.number("SELECT count(*) FROM audit_log").await, 0);
    }
}

#[tokio::test]
async fn whoever_opens_all_attempts_and_resends_all_mails_reaches_the_bound_and_not_one_more() {
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
async fn no_guess_is_free_because_the_older_attempt_is_somebody_elses() {
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

#[tokio::test]
async fn a_resend_or_a_new_day_brings_no_second_guess_of_its_own() {
    let world = World::with(&[LONG_CODES, ("ATTEMPT_MAILS", "0")]).await;
    let mut attacker = Attacker::new(&world);
    attacker.signs_up(world.person(ADA)).await.is(202);
    attacker.guesses_on_by_name().await;
    attacker.guesses_on_by_name().await;
    attacker.has_spent_all(ADA).await;

    attacker.waits(86_400.0).await;
    attacker.resends(0).await.is(202);
    attacker.guesses_on_by_name().await;
    attacker.guesses_on_by_name().await;
    assert_eq!(attacker.compared, 10 + 1 + 10);
    assert_eq!(world.active_accounts().await, 0);
}
