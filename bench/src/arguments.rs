//! Parses the command line into a plan.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "usage: cargo bench-statements [--quick | --large] [--beside FOLDER]
  --quick          10 000 accounts and few rounds: shows that the measurement works
  --large          also 10 000 000 accounts: takes some 10 GB in the temporary folder
  --beside FOLDER  also measures the binaries in FOLDER, such as target/debug of an earlier commit,
                   and prints the ratio";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Numbers of accounts, in ascending order.
    pub(crate) sizes: Vec<u32>,
    pub(crate) rounds: usize,
    /// Fresh processes of each function.
    pub(crate) cold_starts: usize,
    pub(crate) round: Counts,
    /// The folder with the binaries of another commit.
    pub(crate) beside: Option<PathBuf>,
}

/// The number of people in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// People who sign up and activate their account.
    pub(crate) sign_ups: usize,
    /// People who do everything else. At least three: an admin, an account that the admin deletes,
    /// and one that deletes itself.
    pub(crate) others: usize,
}

/// Parses the command line; `None` if it is wrong.
pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Option<Plan> {
    let (mut is_quick, mut is_large, mut beside) = (false, false, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => is_quick = true,
            "--large" => is_large = true,
            "--beside" => beside = Some(PathBuf::from(arguments.next()?)),
            _ => return None,
        }
    }
    // Filling ten million accounts takes minutes, so more rounds are worth their time.
    let (sizes, rounds): (&[u32], _) = match (is_quick, is_large) {
        (true, true) => return None,
        (true, false) => (&[10_000], 6),
        (false, false) => (&[10_000, 1_000_000], 40),
        (false, true) => (&[10_000, 1_000_000, 10_000_000], 120),
    };
    // Two commits take twice the time.
    let cold_starts = if beside.is_some() { 10 } else { 15 };
    Some(Plan {
        sizes: sizes.to_vec(),
        rounds,
        cold_starts: if is_quick { 3 } else { cold_starts },
        // A round begins with a checkpoint. Few requests follow, because in a small database every
        // page would soon have been written whole.
        round: Counts { sign_ups: 5, others: 3 },
        beside,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(arguments: &[&str]) -> Option<Plan> {
        read(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn a_wrong_command_line_is_refused() {
        assert_eq!(plan(&[]).unwrap().sizes, [10_000, 1_000_000]);
        assert_eq!(plan(&["--beside", "a"]).unwrap().beside, Some("a".into()));
        for wrong in [&["--beside"][..], &["--quick", "--large"], &["--fast"]] {
            assert_eq!(plan(wrong), None, "{wrong:?}");
        }
    }
}
