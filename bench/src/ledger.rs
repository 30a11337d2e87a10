//! The measurements in one database: for each kind of request, the statements of each round.

use std::collections::BTreeMap;

use crate::{
    cost::Cost,
    statements::{Counted, name_of},
};

/// Kinds of requests, in the order in which they were first made.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<(&'static str, Vec<Counted>)>);

/// A statement of one kind of request: medians over all rounds, for one request.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Statement {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) cost: Cost,
}

impl Ledger {
    /// Adds a round of `requests` requests.
    pub(crate) fn enter(&mut self, request: &'static str, counted: Counted, requests: usize) {
        let divisor = f64::from(u32::try_from(requests).unwrap_or(u32::MAX));
        let counted =
            counted.into_iter().map(|(text, cost)| (text, cost.divided_by(divisor))).collect();
        match self.0.iter_mut().find(|(name, _)| *name == request) {
            Some((_, rounds)) => rounds.push(counted),
            None => self.0.push((request, vec![counted])),
        }
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(request, _)| *request)
    }

    /// The statements of one kind of request, most expensive first.
    pub(crate) fn statements(&self, request: &str) -> Vec<Statement> {
        let rounds = self.rounds(request);
        let mut by_text: BTreeMap<&str, Vec<Cost>> = BTreeMap::new();
        for text in rounds.iter().flat_map(BTreeMap::keys) {
            by_text.entry(text).or_default();
        }
        for (text, costs) in &mut by_text {
            costs.extend(rounds.iter().map(|round| round.get(*text).copied().unwrap_or_default()));
        }
        let mut statements: Vec<_> = by_text
            .into_iter()
            .map(|(text, costs)| Statement {
                name: name_of(text),
                text: text.to_owned(),
                cost: Cost::median(&costs),
            })
            // A statement with a median of 0 ran in fewer than half of the rounds, such as a retry.
            .filter(|statement| statement.cost.calls > 0.0)
            .collect();
        statements.sort_by(|a, b| b.cost.database_ms().total_cmp(&a.cost.database_ms()));
        statements
    }

    /// Planning and execution time of these kinds of requests together, for each round.
    pub(crate) fn sums_ms(&self, requests: &[&str]) -> Vec<f64> {
        let rounds = requests.iter().map(|request| self.rounds(request).len()).min().unwrap_or(0);
        let sum = |round: usize| -> f64 {
            let counted = requests.iter().flat_map(|request| self.rounds(request)[round].values());
            counted.map(|cost| cost.database_ms()).sum()
        };
        (0..rounds).map(sum).collect()
    }

    /// Planning and execution time of one call of a statement, for each round; `None` where it did
    /// not run.
    pub(crate) fn calls_ms(&self, request: &str, text: &str) -> Vec<Option<f64>> {
        let ms = |round: &Counted| round.get(text).map(|cost| cost.per_call().database_ms());
        self.rounds(request).iter().map(ms).collect()
    }

    fn rounds(&self, request: &str) -> &[Counted] {
        self.0.iter().find(|(name, _)| *name == request).map_or(&[], |(_, rounds)| rounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(statements: &[(&str, f64)]) -> Counted {
        let cost = |ms: f64| Cost { calls: 2.0, planning_ms: ms, ..Cost::default() };
        statements.iter().map(|(text, ms)| ((*text).to_owned(), cost(*ms))).collect()
    }

    #[test]
    fn a_round_counts_for_each_of_its_requests() {
        let mut ledger = Ledger::default();
        for ms in [2.0, 4.0, 600.0] {
            ledger.enter("register", round(&[("SELECT 1", ms), ("SELECT 2", 8.0)]), 2);
        }
        ledger.enter("activate", round(&[("SELECT 3", 1.0)]), 1);
        let names: Vec<_> = ledger.statements("register").into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["SELECT 2", "SELECT 1"]);
        assert_eq!(ledger.sums_ms(&["register"]), [5.0, 6.0, 304.0]);
        assert_eq!(ledger.sums_ms(&["register", "activate"]), [6.0], "one round of both");
        assert_eq!(ledger.calls_ms("register", "SELECT 1"), [Some(1.0), Some(2.0), Some(300.0)]);
    }
}
