//! The processor time of a process, and a part of a processor for it.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

/// Processor time in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    /// Of all threads that still run.
    pub(crate) all_ms: f64,
    /// Of the threads that do not hash.
    pub(crate) beside_hash_ms: f64,
}

impl Used {
    /// What a process has used so far.
    pub(crate) fn by(id: u32) -> Self {
        let mut used = Self::default();
        for thread in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let read = |file| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
            let nanoseconds =
                read("schedstat").split(' ').next().and_then(|text| text.parse::<f64>().ok());
            let ms = nanoseconds.unwrap_or_default() / 1e6;
            used.all_ms += ms;
            if read("comm").trim() != "hashing" {
                used.beside_hash_ms += ms;
            }
        }
        used
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            all_ms: self.all_ms - before.all_ms,
            beside_hash_ms: self.beside_hash_ms - before.beside_hash_ms,
        }
    }
}

/// A control group (cgroup) whose processes share a part of one processor, as on Lambda.
pub(crate) struct Share {
    folder: PathBuf,
    /// The file that moves this process back.
    home: PathBuf,
}

/// Lambda's own period is not documented. A short one spreads the pauses evenly.
const PERIOD_US: u32 = 20_000;

impl Share {
    /// `None` where this user may not create one.
    pub(crate) fn of_one_processor(percent: u32) -> Option<Self> {
        let name = format!("bench-functions-{}-{percent}", process::id());
        let quota = PERIOD_US * percent / 100;
        let one = Path::new("/sys/fs/cgroup");
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own_in = |prefix: &str| {
            own.lines()
                .find_map(|line| line.split_once(prefix))
                .map(|(_, path)| path.trim_start_matches('/'))
        };
        // Version 2, or the older hierarchy with a folder for each controller.
        let (root, home, limits) = if one.join("cgroup.controllers").exists() {
            let limits = vec![("cpu.max", format!("{quota} {PERIOD_US}"))];
            (one.to_owned(), own_in("0::")?, limits)
        } else {
            let limits = vec![
                ("cpu.cfs_period_us", PERIOD_US.to_string()),
                ("cpu.cfs_quota_us", quota.to_string()),
            ];
            (one.join("cpu"), own_in(":cpu:").or_else(|| own_in(":cpu,cpuacct:"))?, limits)
        };
        let home = root.join(home).join("cgroup.procs");
        let folder = root.join(name);
        fs::create_dir(&folder).ok()?;
        let share = Self { folder, home };
        for (file, value) in limits {
            fs::write(share.folder.join(file), value).ok()?;
        }
        Some(share)
    }

    /// Moves this process into the group, so that the processes which it starts belong to it.
    pub(crate) fn enter(&self) {
        let _ = fs::write(self.folder.join("cgroup.procs"), process::id().to_string());
    }

    /// Moves this process back. Those that it started stay.
    pub(crate) fn leave(&self) {
        let _ = fs::write(&self.home, process::id().to_string());
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.leave();
        let _ = fs::remove_dir(&self.folder);
    }
}
