//! Child processes that never outlive this one, even if SIGKILL ends it.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::ToolError;

const WATCHDOG: &str = include_str!("leash.sh");

/// How a leashed process is ended.
#[derive(Debug, Clone)]
pub struct Ending {
    /// The signal that asks it to end: `TERM`, `INT`, `QUIT`. Sent to the process only, not to its
    /// group.
    pub signal: &'static str,
    /// The time before SIGKILL, in whole seconds.
    pub grace: Duration,
    /// A folder that the watchdog removes if this process is killed.
    pub litter: Option<PathBuf>,
}

impl Default for Ending {
    fn default() -> Self {
        Self { signal: "TERM", grace: Duration::from_secs(10), litter: None }
    }
}

/// A running process. It ends when this is dropped, and however our program ends.
///
/// Neither `PR_SET_PDEATHSIG` (Linux only, and it fires when the spawning *thread* ends) nor a
/// signal handler (none for SIGKILL) guarantees this, so a small shell script watches the process.
#[derive(Debug)]
pub struct Leash {
    watchdog: Child,
    /// Closing it ends the process. Kept apart, because `Child::wait` would close it.
    line: Option<ChildStdin>,
    pid: Pid,
}

impl Leash {
    /// A command to which the caller adds arguments, environment, user and `stderr`, then
    /// [`start`]s it. The program's whole output goes to `stderr`.
    ///
    /// [`start`]: Leash::start
    pub fn command(program: impl AsRef<OsStr>, ending: &Ending) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCHDOG, "watchdog", ending.signal]);
        command.arg(ending.grace.as_secs().to_string());
        command.arg(ending.litter.as_deref().unwrap_or(Path::new("")));
        command.arg(program);
        command
    }

    /// Starts a command made by [`Leash::command`].
    pub fn start(mut command: Command) -> Result<Self, ToolError> {
        let failed = |source| ToolError::Io { doing: "cannot start /bin/sh".into(), source };
        // A process group of its own: Ctrl-C reaches only us, and we stop the others in order.
        let mut watchdog = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;

        let line = watchdog.stdin.take();
        let mut said = String::new();
        let stdout = watchdog.stdout.take().expect("it was piped above");
        BufReader::new(stdout).read_line(&mut said).map_err(failed)?;
        let pid = said.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| failed(std::io::Error::other("it printed no process id")))?;
        Ok(Self { watchdog, line, pid })
    }

    /// The process itself, not its watchdog.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// What the process prints, if the caller piped `stderr`. It ends with the last process that
    /// holds it.
    pub fn output(&mut self) -> Option<ChildStderr> {
        self.watchdog.stderr.take()
    }

    /// The exit status, if the process has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.watchdog.try_wait().ok().flatten()
    }

    /// Waits until the process ends by itself.
    pub fn wait(&mut self) -> Result<ExitStatus, ToolError> {
        self.watchdog
            .wait()
            .map_err(|source| ToolError::Io { doing: "cannot wait for a process".into(), source })
    }

    /// Sends a signal to the process alone.
    pub(crate) fn signal(&mut self, signal: Signal) {
        // Its watchdog is its parent and has not reaped it, so the id still belongs to it.
        if self.ended().is_none() {
            let _ = kill_process(self.pid, signal);
        }
    }

    /// Ends the process as its [`Ending`] says, and waits until it is gone.
    pub fn end(&mut self) {
        if let Some(mut line) = self.line.take() {
            let _ = line.write_all(b"end\n");
        }
        let _ = self.watchdog.wait();
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a program to its end with its output in a log. If it fails, the end of the log is in the
/// error.
pub(crate) fn run(doing: &str, log: &Path, mut command: Command) -> Result<(), ToolError> {
    command.stderr(File::create(log).map_err(ToolError::at("write", log))?);
    if Leash::start(command)?.wait()?.success() {
        return Ok(());
    }
    Err(ToolError::Failed { doing: doing.to_owned(), said: last_words(log) })
}

/// The end of a log file.
pub(crate) fn last_words(log: &Path) -> String {
    const MAX_BYTES: u64 = 3000;
    let mut said = Vec::new();
    if let Ok(mut file) = File::open(log) {
        let size = fs::metadata(log).map_or(0, |log| log.len());
        let _ = file.seek(SeekFrom::Start(size.saturating_sub(MAX_BYTES)));
        let _ = file.read_to_end(&mut said);
    }
    String::from_utf8_lossy(&said).trim().to_owned()
}
