//! Memory as RDS gives it to PostgreSQL: in pages of 2 MB instead of 4 KB.
//!
//! With small pages, each index page of a large database is also an entry of the processor's page
//! table that its cache has lost. Linux hands out huge pages when root has allowed it.

use std::fs;

/// How many it may make when they are asked for. What has been handed out stays.
const ALLOWED: &str = "/proc/sys/vm/nr_overcommit_hugepages";

/// Pages of 2 MB for 4 GB of `shared_buffers` and what PostgreSQL shares beside them.
const PAGES_PER_COMMIT: usize = 2560;

/// Linux makes huge pages until this is dropped.
pub(crate) struct Permission {
    before: String,
}

impl Permission {
    /// Gives it for the memory of this number of commits. `None` without root's rights: PostgreSQL then
    /// takes small pages, unless there are enough huge ones already.
    pub(crate) fn give(commits: usize) -> Option<Self> {
        let before = fs::read_to_string(ALLOWED).ok()?;
        fs::write(ALLOWED, (PAGES_PER_COMMIT * commits).to_string()).ok()?;
        Some(Self { before })
    }
}

impl Drop for Permission {
    /// Leaves the machine as it was.
    fn drop(&mut self) {
        if let Err(error) = fs::write(ALLOWED, &self.before) {
            eprintln!("cannot write {} into {ALLOWED}: {error}", self.before.trim());
        }
    }
}
