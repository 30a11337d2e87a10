//! What many measurements of one thing come to.

/// The middle number, or the mean of the two in the middle; 0 for an empty list.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.as_slice() {
        [] => 0.0,
        all if all.len() % 2 == 1 => all[middle],
        all => f64::midpoint(all[middle - 1], all[middle]),
    }
}

/// The median of the ratios of each number to its counterpart. Both were measured at almost the
/// same time, so a slowdown of the machine affects both.
pub fn paired_ratio(numbers: &[f64], counterparts: &[f64]) -> f64 {
    median(numbers.iter().zip(counterparts).map(|(number, other)| number / other).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these numbers have no rounding errors")]
    fn one_slow_round_does_not_move_the_median() {
        assert_eq!(median(vec![2.0, 900.0, 1.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(Vec::new()), 0.0);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these numbers have no rounding errors")]
    fn what_slows_both_down_does_not_move_their_ratio() {
        assert_eq!(paired_ratio(&[1.0, 50.0, 1.0], &[2.0, 100.0, 2.0]), 0.5);
    }
}
