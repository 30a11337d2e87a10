//! Runs `cargo dev` for a test.
#![expect(dead_code, reason = "each test file uses another part of it")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::Ipv4Addr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tools::{Postgres, dev_folder, free_port};

/// `cargo dev` on its own ports, with a database that must outlive it.
pub(crate) struct RunningStack {
    pub(crate) dev: Child,
    pub(crate) port: u16,
    pub(crate) mailbox_port: u16,
    /// What it has printed.
    printed: Arc<Mutex<Vec<String>>>,
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
                pages.lock().expect("nobody panics with it").push(line);
            }
        });
        let stack = Self { dev, port, mailbox_port, printed };
        assert!(is_ready, "`cargo dev` ended before it was ready");
        stack
    }

    /// The page at this path.
    pub(crate) fn get(&self, address: Ipv4Addr, path: &str) -> Option<u16> {
        let request = minreq::get(format!("http://{address}:{}{path}", self.port));
        Some(request.with_timeout(30).send().ok()?.status_code)
    }

    /// The lines after `ready`, as soon as one of them contains each of these texts.
    pub(crate) fn lines_with(&self, texts: &[&str]) -> Vec<String> {
        let started = Instant::now();
        loop {
            let lines = self.printed.lock().expect("nobody panics with it").clone();
            if texts.iter().all(|text| lines.iter().any(|line| line.contains(text))) {
                return lines;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "no {texts:?} in {lines:#?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for RunningStack {
    fn drop(&mut self) {
        // A failed assertion must not leave processes behind.
        let _ = self.dev.kill();
        let _ = self.dev.wait();
        let _ = fs::remove_file(dev_folder().join(format!("functions-{}.log", self.port)));
    }
}

fn a_port() -> u16 {
    free_port().expect("a free port")
}
