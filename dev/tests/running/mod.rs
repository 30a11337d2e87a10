//! Runs `cargo dev` for a test.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use tools::{Postgres, dev_folder, free_port};

/// `cargo dev` on its own ports, with a database that must outlive it.
pub(crate) struct RunningStack {
    pub(crate) dev: Child,
    pub(crate) port: u16,
    pub(crate) mailbox_port: u16,
    /// What it has printed.
    pub(crate) printed: Arc<Mutex<Vec<String>>>,
}

impl RunningStack {
    pub(crate) fn start(database: &Postgres, settings: &[(&str, &str)]) -> Self {
        Self::start_with(database, &[], settings)
    }

    pub(crate) fn start_with(
        database: &Postgres,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> Self {
        let (port, mailbox_port) = (a_port(), a_port());
        let mut dev = Command::new(env!("CARGO_BIN_EXE_dev"))
            .args(arguments)
            .env("DATABASE_URL", database.url("postgres"))
            .env("PORT", port.to_string())
            .env("MAILBOX_PORT", mailbox_port.to_string())
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(dev.stdout.take().expect("it is piped")).lines();
        let is_ready = lines.by_ref().map_while(Result::ok).any(|line| line == "ready");
        let printed = Arc::new(Mutex::new(Vec::new()));
        let pages = Arc::clone(&printed);
        // Keep reading: `cargo dev` must never wait for us.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                pages.lock().expect("no thread panics while it holds the lock").push(line);
            }
        });
        let stack = Self { dev, port, mailbox_port, printed };
        assert!(is_ready, "`cargo dev` ended before it was ready");
        stack
    }
}

impl Drop for RunningStack {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("`cargo dev` printed {:#?}", self.printed.lock());
        }
        // A failed assertion must not leave processes behind.
        let _ = self.dev.kill();
        let _ = self.dev.wait();
        let _ = fs::remove_file(dev_folder().join(format!("functions-{}.log", self.port)));
    }
}

fn a_port() -> u16 {
    free_port().expect("a free port")
}
