//! An attacker who cannot read the mail, and who counts what guessing yields.
//!
//! A guess was compared with a code if that code itself would get another answer. The story asks
//! this from the outside, of the database as it is, for each mailed code that may be alive.

use shared::testing::{Answer, SentMail};
use world::{Person, World};

pub(crate) const ADA: &str = "ada@example.com";

/// Long codes, so that none is like another by chance.
pub(crate) const LONG_CODES: (&str, &str) = ("CODE_LENGTH", "8");

/// Whatever an attacker does, and what it yields.
pub(crate) struct Attacker<'w> {
    world: &'w World,
    pub(crate) attempts: Vec<Person<'w>>,
    /// How often a guess was compared with a live code.
    pub(crate) compared: i64,
    pub(crate) seconds: f64,
    /// Every code that was mailed, and when.
    mailed: Vec<(f64, String)>,
}

impl<'w> Attacker<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, attempts: Vec::new(), compared: 0, seconds: 0.0, mailed: Vec::new() }
    }

    /// Opens one more attempt. The attempts are counted from 0.
    pub(crate) async fn signs_up(&mut self, person: Person<'w>) -> Answer {
        let mut person = person;
        let answer = person.signs_up().await;
        if answer.status == 202 {
            self.attempts.push(person);
        }
        self.note_mails();
        answer
    }

    pub(crate) async fn resends(&mut self, attempt: usize) -> Answer {
        let answer = self.attempts[attempt].resends().await;
        self.note_mails();
        answer
    }

    pub(crate) async fn waits(&mut self, seconds: f64) {
        self.world.time_passes(seconds).await;
        self.seconds += seconds;
    }

    /// Guesses wrong as this person, after finding out what it would be compared with.
    pub(crate) async fn guesses(&mut self, person: &Person<'_>) -> Answer {
        let told = |answer: &Answer| {
            (answer.status, answer.body["code"].clone(), answer.body["attempts_left"].clone())
        };
        let seconds = self.seconds;
        let alive = self.mailed.iter().filter(|(at, _)| seconds - at < 62.0);
        let events: Vec<_> = alive.map(|(_, code)| person.guess(code)).collect();
        let others = self.world.would_answer(&events).await;
        let answer = person.activates_with(&self.world.wrong_code()).await;
        let differ = others.iter().filter(|other| told(other) != told(&answer)).count();
        self.compared += i64::try_from(differ).expect("a few");
        answer
    }

    /// Guesses until guessing yields nothing more; a few times more, to see whether it is free.
    pub(crate) async fn guesses_on(&mut self, person: &Person<'_>) {
        let mut in_vain = 0;
        while in_vain < 2 {
            let compared = self.compared;
            self.guesses(person).await;
            in_vain = if self.compared == compared { in_vain + 1 } else { 0 };
            assert!(self.compared <= 100, "without end");
        }
    }

    /// Guesses all that the attempts still have, each by its name.
    pub(crate) async fn guesses_on_by_name(&mut self) {
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

    pub(crate) fn note_mails(&mut self) {
        let mails = self.world.ses.mails();
        let new = mails.iter().skip(self.mailed.len()).filter_map(SentMail::code);
        self.mailed.extend(new.map(|code| (self.seconds, code)));
    }

    /// The bound: reached, and not exceeded.
    pub(crate) async fn has_spent_all(&self, mailbox: &str) {
        assert_eq!(self.world.paid_by(mailbox).await, 10, "paid");
        let own = self.attempts.iter().map(|_| 1).sum::<i64>();
        assert_eq!(self.compared, 10 + own, "compared");
        assert_eq!(self.world.active_accounts().await, 0);
        assert_eq!(self.world.audit_entries().await, 0);
    }
}
