//! Limits, and what is left of the guesses: pure arithmetic, no clock.

use crate::keys::Keys;

/// The order in which limits are locked, by every call that needs several: so no two calls ever wait
/// for each other in a circle. Among the limits on passwords and on sign-ups, those that only the
/// caller's network uses up come first: a caller that one of them refuses locks nothing that others
/// need. `guess.sql` keeps to the order of the last two itself.
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

/// So many places within a window of time, for each subject (an address, a network, an attempt).
#[derive(Debug, Clone)]
pub struct Limit {
    /// The setting it comes from. It is part of the key, so limits never share a row.
    pub name: &'static str,
    /// How many places there are within the window; 0 turns the limit off.
    pub capacity: u32,
    /// The length of the window.
    pub window_seconds: u32,
}

/// A place under a limit, for one subject that only the key knows.
#[derive(Debug, Clone)]
pub struct Place {
    /// What the database knows of limit and subject.
    pub key: Vec<u8>,
    /// How many places there are within the window.
    pub capacity: u32,
    /// The length of the window.
    pub window_seconds: u32,
    /// When it is locked, among others.
    pub order: usize,
}

impl Limit {
    /// The place of this subject. If the limit is off, the place is never counted.
    pub fn place(&self, keys: &Keys, subject: &[&[u8]]) -> Place {
        let order = ORDER.iter().position(|name| *name == self.name);
        let order = order.expect("every limit has its place in the order");
        let key = keys.limit_key(self.name, subject);
        Place { key, capacity: self.capacity, window_seconds: self.window_seconds, order }
    }
}

impl Place {
    /// Whether there is a limit at all.
    pub fn is_limited(&self) -> bool {
        self.capacity > 0
    }
}

/// What an attempt may still do, as the database found it after a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuessesLeft {
    /// For each code that can be guessed now, the newest first: wrong guesses left on it.
    pub codes: Vec<u32>,
    /// Wrong guesses left of the address's budget.
    pub address: u32,
    /// Whether the attempt still has the one guess of its own.
    pub own: bool,
}

impl GuessesLeft {
    /// How many more wrong guesses the attempt could make now.
    ///
    /// A guess is compared with every code, and costs the address as many. One that does not fit
    /// into the address's budget uses the attempt's own, compared with the newest code only.
    pub fn attempts(mut self) -> u32 {
        let mut attempts: u32 = 0;
        loop {
            self.codes.retain(|left| *left > 0);
            let compared = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
            // As many at once as change nothing in which codes are compared.
            let Some(&fewest) = self.codes.iter().min() else { return attempts };
            let rounds = fewest.min(self.address / compared);
            if rounds > 0 {
                attempts = attempts.saturating_add(rounds);
                self.address -= rounds * compared;
                self.codes.iter_mut().for_each(|left| *left -= rounds);
            } else if self.own {
                attempts = attempts.saturating_add(1);
                self.own = false;
                self.codes[0] -= 1;
            } else {
                return attempts;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attempts(codes: &[u32], address: u32, own: bool) -> u32 {
        GuessesLeft { codes: codes.to_vec(), address, own }.attempts()
    }

    #[test]
    fn a_fresh_attempt_has_three_guesses() {
        assert_eq!(attempts(&[3], 10, true), 3);
    }

    #[test]
    fn when_the_address_has_nothing_left_the_attempt_has_one_of_its_own() {
        assert_eq!(attempts(&[3], 0, true), 1);
        assert_eq!(attempts(&[3], 0, false), 0);
        assert_eq!(attempts(&[3], 2, true), 3);
        assert_eq!(attempts(&[5], 2, true), 3);
    }

    #[test]
    fn two_live_codes_cost_the_address_two_a_guess() {
        assert_eq!(attempts(&[3, 1], 10, true), 3);
        assert_eq!(attempts(&[3, 3], 5, false), 2);
        assert_eq!(attempts(&[3, 3], 1, true), 1);
        // The own guess exhausts the newest; the older one alone fits the budget again.
        assert_eq!(attempts(&[1, 2], 1, true), 2);
    }

    #[test]
    fn limits_that_are_off_do_not_overflow() {
        assert_eq!(attempts(&[u32::MAX], u32::MAX, true), u32::MAX);
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_the_budget_and_one(
            codes in prop::collection::vec(0..5u32, 0..5), address in 0..20u32, own: bool,
        ) {
            prop_assert!(attempts(&codes, address, own) <= address + u32::from(own));
        }
    }
}
