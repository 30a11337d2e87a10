//! Runs `cargo dev` for a test.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use tools::{Postgres, free_port};

/// `cargo dev` on its own ports, with a database that must outlive it.
pub(crate) struct RunningStack {
    pub(crate) dev: Child,
    pub(crate) port: u16,
    pub(crate) mailbox_port: u16,
}

impl RunningStack {
    pub(crate) fn start(database: &Postgres, settings: &[(&str, &str)]) -> Self {
        let (port, mailbox_port) = (a_port(), a_port());
        let mut dev = Command::new(env!("CARGO_BIN_EXE_dev"))
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
        // Keep reading: `cargo dev` fails if it cannot print its next line.
        thread::spawn(move || lines.for_each(drop));
        let stack = Self { dev, port, mailbox_port };
        assert!(is_ready, "`cargo dev` ended before it was ready");
        stack
    }
}

impl Drop for RunningStack {
    fn drop(&mut self) {
        // A failed assertion must not leave processes behind.
        let _ = self.dev.kill();
        let _ = self.dev.wait();
    }
}

fn a_port() -> u16 {
    free_port().expect("a free port")
}
