//! What the command is asked to measure.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "usage: cargo bench-statements [--quick | --large] [--beside FOLDER]
  --quick          10 000 accounts and few rounds: shows that the measurement works
  --large          also 10 000 000 accounts: takes some 10 GB in the temporary folder
  --beside FOLDER  also measures the binaries in FOLDER, such as target/debug of an earlier commit,
                   and prints the ratio";

/// How much to measure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// How many accounts there are, in ascending order.
    pub(crate) sizes: Vec<u32>,
    pub(crate) rounds: usize,
    /// Fresh processes of each function.
    pub(crate) cold_starts: usize,
    pub(crate) round: Counts,
    /// Binaries of another commit.
    pub(crate) beside: Option<PathBuf>,
}

/// How many people act in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// They sign up and activate their account.
    pub(crate) sign_ups: usize,
    /// They do everything else. At least three: an admin deletes one, and one deletes itself.
    pub(crate) others: usize,
}

/// Reads the command line, or returns nothing if it is wrong.
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
    // Ten million accounts take minutes to fill: then more rounds, for the same share of the time.
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
        // A round begins with a checkpoint. Few requests follow it, or those to a small database would
        // soon find each page written whole already.
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
