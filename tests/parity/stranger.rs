//! A stranger who has signed up for two addresses, with a password of their own. Whatever happens to
//! one of them, they must see the same of both for three days.

use serde_json::Value;
use world::{Person, Visitor, World};

use crate::observer::{CALLS, Call, Seen, compare};

pub(crate) const ADDRESSES: [&str; 2] = ["one@example.com", "other@example.com"];

/// Hours after the event at which the stranger looks.
const LOOKS: [u32; 6] = [0, 1, 12, 23, 25, 72];

/// How long an attempt lives.
const DAY: u32 = 24;

/// More than an address allows in a day: what each guess cost shows in the end.
const GUESSES: [Call; 10] = [
    Call::Register,
    Call::GuessUnnamed,
    Call::GuessNamed,
    Call::GuessUnnamed,
    Call::GuessNamed,
    Call::GuessUnnamed,
    Call::GuessNamed,
    Call::Register,
    Call::GuessUnnamed,
    Call::GuessUnnamed,
];

pub(crate) struct Stranger<'w> {
    world: &'w World,
    /// From a network each, so that one look does not use up the limits of the other.
    as_each: [Person<'w>; 2],
    sessions: [Visitor<'w>; 2],
    /// Since the sign-ups.
    hours: u32,
}

impl<'w> Stranger<'w> {
    pub(crate) async fn signs_up(world: &'w World) -> Self {
        let [one, other] = ADDRESSES.map(|email| world.person(email));
        let mut as_each = [one.from_ip("198.51.100.1"), other.from_ip("198.51.100.2")];
        assert_eq!(compare(&mut as_each, Call::RegisterWithKey, "at first").await.status, 202);
        let sessions = [as_each[0].visits().await, as_each[1].visits().await];
        Self { world, as_each, sessions, hours: 0 }
    }

    pub(crate) async fn waits(&mut self, hours: u32) {
        self.world.time_passes(f64::from(hours) * 3600.0).await;
        self.hours += hours;
    }

    /// Once while nothing is purged, and once more while what is old is purged.
    pub(crate) async fn sees_the_same_for_three_days(mut self) {
        let hours = self.hours;
        self.world.keeps("event").await;
        for is_purged in [false, true] {
            for look in LOOKS {
                self.waits(hours + look - self.hours).await;
                if is_purged {
                    self.world.purges().await;
                    self.plays_each_of(&CALLS).await;
                } else {
                    self.looks().await;
                }
            }
            self.world.goes_back_to("event").await;
            self.hours = hours;
        }
    }

    /// With every call by itself, then with all in a row.
    async fn looks(&self) {
        self.reads_itself().await;
        self.plays_each_of(&[Call::RegisterWithKey]).await;
        self.plays_each_of(&CALLS).await;
        let mut as_each = self.as_each.clone();
        for call in CALLS.into_iter().chain(GUESSES) {
            self.plays(&mut as_each, call, "in a row").await;
        }
        self.world.goes_back_to("look").await;
    }

    /// Plays each of these calls as if none had come before.
    pub(crate) async fn plays_each_of(&self, calls: &[Call]) {
        self.world.keeps("look").await;
        for &call in calls {
            let seen = self.plays(&mut self.as_each.clone(), call, "by itself").await;
            let is_over = self.hours >= DAY;
            let when = format!("{call:?} after {} h: {seen:?}", self.hours);
            match call {
                Call::SignInNamed | Call::ResendNamed | Call::GuessNamed => {
                    assert_eq!(seen.status == 401, is_over, "{when}");
                }
                Call::SignInUnnamed | Call::ResendUnnamed | Call::GuessUnnamed if is_over => {
                    assert_eq!(seen.status, 401, "{when}");
                }
                _ => {}
            }
            self.world.goes_back_to("look").await;
        }
    }

    /// An attempt that is mailed later is purged later.
    pub(crate) async fn is_mailed_again(&self) {
        let seen = self.plays(&mut self.as_each.clone(), Call::ResendNamed, "for good").await;
        assert_eq!(seen.status, 202);
    }

    async fn plays(&self, as_each: &mut [Person<'w>; 2], call: Call, how: &str) -> Seen {
        let when = format!("{how}, after {} h", self.hours);
        let seen = compare(as_each, call, &when).await;
        assert!(seen.status < 500, "{call:?} {when}: {seen:?}");
        seen
    }

    /// With the sessions that were opened at first. No time passes for their tokens, but an
    /// attempt's session ends with it.
    async fn reads_itself(&self) {
        let mut seen = Vec::new();
        for session in &self.sessions {
            let mut answer = session.reads_itself().await;
            for name in ["id", "email", "created_at", "request_id"] {
                if let Some(member) = answer.body.get_mut(name) {
                    *member = Value::Null;
                }
            }
            assert_eq!(answer.status, if self.hours < DAY { 200 } else { 401 }, "{}", answer.body);
            seen.push(answer.body);
        }
        assert_eq!(seen[0], seen[1], "after {} h", self.hours);
    }
}

/// Of both addresses, so that both have as many sign-ups.
pub(crate) async fn owners_sign_up(world: &World) -> [Person<'_>; 2] {
    let mut owners = [owner(world, 0), owner(world, 1)];
    for owner in &mut owners {
        owner.signs_up().await.is(202);
    }
    owners
}

/// From a network that is not the stranger's.
pub(crate) fn owner(world: &World, number: usize) -> Person<'_> {
    let network = ["203.0.113.1", "203.0.113.2"][number];
    world.person(ADDRESSES[number]).with_password("owners horse battery").from_ip(network)
}
