//! Shows the progress of the measurement on standard error.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

/// The bar of one part of the work.
pub struct Progress {
    label: String,
    done: usize,
    total: usize,
    is_terminal: bool,
    started: Instant,
    shown: Option<Instant>,
}

impl Progress {
    /// A part that consists of `total` steps.
    pub fn start(label: &str, total: usize) -> Self {
        let mut progress = Self {
            label: label.to_owned(),
            done: 0,
            total: total.max(1),
            is_terminal: io::stderr().is_terminal(),
            started: Instant::now(),
            shown: None,
        };
        if progress.is_terminal {
            progress.show();
        }
        progress
    }

    pub fn advance(&mut self, steps: usize) {
        const PACE: Duration = Duration::from_millis(100);
        self.done = (self.done + steps).min(self.total);
        if self.is_terminal && self.shown.is_none_or(|shown| shown.elapsed() > PACE) {
            self.show();
        }
    }

    fn show(&mut self) {
        const WIDTH: usize = 30;
        let filled = self.done * WIDTH / self.total;
        let percent = self.done * 100 / self.total;
        let (hashes, dots) = ("#".repeat(filled), "·".repeat(WIDTH - filled));
        let seconds = self.started.elapsed().as_secs();
        eprint!("\r[{hashes}{dots}] {percent:3} %  {seconds:3} s  {}\x1b[K", self.label);
        let _ = io::stderr().flush();
        self.shown = Some(Instant::now());
    }
}

impl Drop for Progress {
    /// A log gets one line per part.
    fn drop(&mut self) {
        let seconds = self.started.elapsed().as_secs_f64();
        let start = if self.is_terminal { "\r\x1b[K" } else { "" };
        eprintln!("{start}{seconds:6.1} s  {}", self.label);
    }
}
