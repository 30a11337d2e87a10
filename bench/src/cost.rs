//! The cost of statements, as numbers that can be added, divided and compared.

use bench::median;
use serde::Serialize;

/// The cost of a statement for one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Cost {
    pub(crate) calls: f64,
    pub(crate) planning_ms: f64,
    pub(crate) execution_ms: f64,
    pub(crate) blocks_hit: f64,
    pub(crate) blocks_read: f64,
    pub(crate) blocks_dirtied: f64,
    pub(crate) wal_bytes: f64,
    /// Whole pages in the WAL: each first change of a page after a checkpoint writes one.
    pub(crate) wal_full_pages: f64,
}

impl Cost {
    /// In the order of the fields.
    pub(crate) fn of(numbers: [f64; 8]) -> Self {
        let [calls, planning_ms, execution_ms, blocks_hit, ..] = numbers;
        let [.., blocks_read, blocks_dirtied, wal_bytes, wal_full_pages] = numbers;
        Self {
            calls,
            planning_ms,
            execution_ms,
            blocks_hit,
            blocks_read,
            blocks_dirtied,
            wal_bytes,
            wal_full_pages,
        }
    }

    fn numbers(self) -> [f64; 8] {
        [
            self.calls,
            self.planning_ms,
            self.execution_ms,
            self.blocks_hit,
            self.blocks_read,
            self.blocks_dirtied,
            self.wal_bytes,
            self.wal_full_pages,
        ]
    }

    /// Planning and execution.
    pub(crate) fn database_ms(self) -> f64 {
        self.planning_ms + self.execution_ms
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let (a, b) = (self.numbers(), other.numbers());
        Self::of(std::array::from_fn(|index| a[index] + b[index]))
    }

    pub(crate) fn divided_by(self, divisor: f64) -> Self {
        Self::of(self.numbers().map(|number| number / divisor))
    }

    /// Each number for one call of the statement.
    pub(crate) fn per_call(self) -> Self {
        if self.calls > 0.0 { self.divided_by(self.calls) } else { self }
    }

    /// The median of each number by itself.
    pub(crate) fn median(costs: &[Self]) -> Self {
        let numbers = |index| costs.iter().map(|cost| cost.numbers()[index]).collect();
        Self::of(std::array::from_fn(|index| median(numbers(index))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_compared_number_by_number() {
        let cost = |planning, execution| Cost::of([2.0, planning, execution, 0., 0., 0., 0., 0.]);
        let rounds = [cost(1.0, 8.0), cost(2.0, 6.0), cost(3.0, 4.0)];
        assert_eq!(Cost::median(&rounds), cost(2.0, 6.0));
        let per_call = Cost::median(&rounds).per_call();
        assert_eq!((per_call.calls, per_call.database_ms()), (1.0, 4.0));
    }
}
