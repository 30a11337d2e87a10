//! The processes of a server. Each leads its own group, so one signal to a group cannot reach them
//! all.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Leash, ToolError, leash};

/// Waits until a server that was just started accepts connections.
pub(super) fn wait_until_ready(
    leash: &mut Leash,
    data: &Path,
    log: &Path,
) -> Result<(), ToolError> {
    const PATIENCE: Duration = Duration::from_mins(1);
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if is_ready(leash.pid(), data) {
            return Ok(());
        }
        if leash.ended().is_some() {
            let doing = "starting PostgreSQL".to_owned();
            return Err(ToolError::Failed { doing, said: leash::last_words(log) });
        }
        thread::sleep(Duration::from_millis(10));
    }
    let said = leash::last_words(log);
    Err(ToolError::Silent { what: "PostgreSQL", seconds: PATIENCE.as_secs(), said })
}

/// The check of `pg_ctl --wait`: the server writes its process id into the first line of this file
/// and its state into the eighth.
fn is_ready(pid: u32, data: &Path) -> bool {
    let file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = file.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}

/// Signals the direct children of a process. A server's processes have no further descendants.
pub(super) fn signal_children(parent: u32, signal: Signal) {
    for child in children(parent) {
        let _ = kill_process(child, signal);
    }
}

fn children(parent: u32) -> Vec<Pid> {
    let parent = parent.to_string();
    let pairs = from_proc().unwrap_or_else(from_ps);
    let children = pairs.into_iter().filter(|(_, its_parent)| *its_parent == parent);
    children.filter_map(|(child, _)| Pid::from_raw(child.parse().ok()?)).collect()
}

/// For Linux, where small images lack `ps`.
fn from_proc() -> Option<Vec<(String, String)>> {
    fs::metadata("/proc/self/stat").ok()?;
    let numbers = fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.file_name());
    let pairs = numbers.filter_map(|number| {
        let number = number.into_string().ok()?;
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        // pid (name) state ppid …, and the name may contain anything.
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.to_owned();
        Some((number, parent))
    });
    Some(pairs.collect())
}

/// For macOS.
fn from_ps() -> Vec<(String, String)> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let listed = listed.map_or(String::new(), |it| String::from_utf8_lossy(&it.stdout).into());
    let pair = |line: &str| {
        let (pid, parent) = line.trim().split_once(' ')?;
        Some((pid.to_owned(), parent.trim().to_owned()))
    };
    listed.lines().filter_map(pair).collect()
}
