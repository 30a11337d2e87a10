//! Limits, their lock order, and the arithmetic of the guesses left.

use crate::keys::Keys;

/// The order in which every call locks limits, so that calls never deadlock. Among the limits on
/// passwords and on sign-ups, those that only the caller's network uses come first: a caller that
/// one of them refuses locks nothing that others need. `guess.sql` follows the order of the last
/// two itself.
const ORDER: [&str; 10] = [
    "NETWORK_PASSWORD_FAILURES_PER_MINUTE",
    "ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR",
    "ADDRESS_PASSWORD_FAILURES_PER_HOUR",
    "ATTEMPT_PASSWORD_FAILURES",
    "ACCOUNT_PASSWORD_FAILURES",
    "NETWORK_SIGNUPS_PER_HOUR",
    "ADDRESS_NETWORK_SIGNUPS_PER_DAY",
    "ADDRESS_SIGNUPS_PER_DAY",
    "ADDRESS_GUESSES_PER_DAY",
    "NETWORK_GUESSES_PER_HOUR",
];

/// A number of places within a window of time, per subject (an address, a network, an attempt).
#[derive(Debug, Clone)]
pub struct Limit {
    /// The name of its setting. It is part of the key, so limits never share a row.
    pub name: &'static str,
    /// Places within the window; 0 turns the limit off.
    pub capacity: u32,
    pub window_seconds: u32,
}

/// A limit as it applies to one subject.
#[derive(Debug, Clone)]
pub struct SubjectLimit {
    /// An HMAC of limit and subject ([`Keys::limit_key`]).
    pub key: Vec<u8>,
    /// Places within the window; 0 if the limit is off.
    pub capacity: u32,
    pub window_seconds: u32,
    /// The limit's position in `ORDER`.
    pub order: usize,
}

impl Limit {
    /// This limit, for a subject that consists of these parts.
    pub fn for_subject(&self, keys: &Keys, subject: &[&[u8]]) -> SubjectLimit {
        let order = ORDER.iter().position(|name| *name == self.name);
        let order = order.expect("`ORDER` lists every limit");
        let key = keys.limit_key(self.name, subject);
        SubjectLimit { key, capacity: self.capacity, window_seconds: self.window_seconds, order }
    }
}

impl SubjectLimit {
    pub fn is_on(&self) -> bool {
        self.capacity > 0
    }
}

/// What is left to an attempt after a guess, as the database returned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuessesLeft {
    /// Wrong guesses left on each code that can be guessed now, newest code first.
    pub codes: Vec<u32>,
    /// Wrong guesses left in the address's budget.
    pub address: u32,
    /// Whether the attempt still has its own guess.
    pub own: bool,
}

impl GuessesLeft {
    /// How many more wrong guesses the attempt could make now.
    ///
    /// A guess is compared with every code and costs the address one place for each. If the budget
    /// cannot pay for it, the attempt's own guess is used, which is compared with the newest code
    /// only.
    pub fn total(mut self) -> u32 {
        let mut total: u32 = 0;
        loop {
            self.codes.retain(|left| *left > 0);
            let compared = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
            // Counts all rounds in which the same codes are compared at once.
            let Some(&fewest) = self.codes.iter().min() else { return total };
            let rounds = fewest.min(self.address / compared);
            if rounds > 0 {
                total = total.saturating_add(rounds);
                self.address -= rounds * compared;
                self.codes.iter_mut().for_each(|left| *left -= rounds);
            } else if self.own {
                total = total.saturating_add(1);
                self.own = false;
                self.codes[0] -= 1;
            } else {
                return total;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn guesses(codes: &[u32], address: u32, own: bool) -> u32 {
        GuessesLeft { codes: codes.to_vec(), address, own }.total()
    }

    #[test]
    fn a_fresh_attempt_has_three_guesses() {
        assert_eq!(guesses(&[3], 10, true), 3);
    }

    #[test]
    fn when_the_address_has_nothing_left_the_attempt_has_one_of_its_own() {
        assert_eq!(guesses(&[3], 0, true), 1);
        assert_eq!(guesses(&[3], 0, false), 0);
        assert_eq!(guesses(&[3], 2, true), 3);
        assert_eq!(guesses(&[5], 2, true), 3);
    }

    #[test]
    fn two_live_codes_cost_the_address_two_a_guess() {
        assert_eq!(guesses(&[3, 1], 10, true), 3);
        assert_eq!(guesses(&[3, 3], 5, false), 2);
        assert_eq!(guesses(&[3, 3], 1, true), 1);
        // The own guess exhausts the newest code; the budget can pay for the older one alone.
        assert_eq!(guesses(&[1, 2], 1, true), 2);
    }

    #[test]
    fn limits_that_are_off_do_not_overflow() {
        assert_eq!(guesses(&[u32::MAX], u32::MAX, true), u32::MAX);
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_the_budget_and_one(
            codes in prop::collection::vec(0..5u32, 0..5), address in 0..20u32, own: bool,
        ) {
            prop_assert!(guesses(&codes, address, own) <= address + u32::from(own));
        }
    }
}
