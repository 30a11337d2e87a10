//! Gives PostgreSQL pages of 2 MB instead of 4 KB, as RDS does.
//!
//! With small pages, reading an index page of a large database often means that the processor must
//! also load a page table entry. Linux hands out huge pages if root allows it.

use std::fs;

/// The number of huge pages that Linux may create on demand. Pages in use stay.
const ALLOWED: &str = "/proc/sys/vm/nr_overcommit_hugepages";

/// Pages of 2 MB for 4 GB of `shared_buffers` and PostgreSQL's other shared memory.
const PAGES_PER_COMMIT: usize = 2560;

/// Linux creates huge pages on demand until this is dropped.
pub(crate) struct Permission {
    before: String,
}

impl Permission {
    /// Allows enough pages for this number of commits. `None` without root's rights: PostgreSQL
    /// then uses small pages, unless there are enough huge ones already.
    pub(crate) fn give(commits: usize) -> Option<Self> {
        let before = fs::read_to_string(ALLOWED).ok()?;
        fs::write(ALLOWED, (PAGES_PER_COMMIT * commits).to_string()).ok()?;
        Some(Self { before })
    }
}

impl Drop for Permission {
    /// Restores the machine's setting.
    fn drop(&mut self) {
        if let Err(error) = fs::write(ALLOWED, &self.before) {
            eprintln!("cannot write {} into {ALLOWED}: {error}", self.before.trim());
        }
    }
}
