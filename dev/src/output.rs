//! Reads what the functions print: everything goes to a file, and a developer sees what matters.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufRead as _, BufReader, Read, Write},
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::line::{Line, clock};

/// The output of the functions, while a thread reads it.
pub(crate) struct Output {
    ready: Arc<OnceLock<Timestamp>>,
}

impl Output {
    /// Reads `source` until it ends. Shows requests after [`Output::show_requests`] only: earlier ones
    /// are ours.
    pub(crate) fn read(source: impl Read + Send + 'static, raw: File, is_verbose: bool) -> Self {
        let ready = Arc::new(OnceLock::new());
        let mut reader = Reader::new(io::stdout(), Arc::clone(&ready), is_verbose);
        thread::spawn(move || {
            let mut raw = io::LineWriter::new(raw);
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            // Bytes, since a function may print what is not UTF-8. If our output is closed or the disk is
            // full, the functions still must not wait for us.
            while source.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
                let _ = raw.write_all(&line);
                let _ = reader.take(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
                line.clear();
            }
        });
        Self { ready }
    }

    /// From now on requests are those of the developer.
    pub(crate) fn show_requests(&self) {
        let _ = self.ready.set(Timestamp::now());
    }
}

/// A pause after which cargo compiles because of another change, and not for the next function.
const PAUSE: Duration = Duration::from_secs(2);

/// Decides line by line what to show.
struct Reader<W> {
    to: W,
    ready: Arc<OnceLock<Timestamp>>,
    is_verbose: bool,
    is_compiling: bool,
    /// When cargo last ended a compilation, or began one.
    cargo_spoke: Option<Instant>,
    /// The first line of a diagnostic, until the second says where it is.
    held: Option<String>,
    /// The diagnostics since the last change: cargo repeats them for each function.
    shown: HashSet<String>,
    /// Inside a diagnostic that was shown already.
    is_repeated: bool,
}

impl<W: Write> Reader<W> {
    fn new(to: W, ready: Arc<OnceLock<Timestamp>>, is_verbose: bool) -> Self {
        Self {
            to,
            ready,
            is_verbose,
            is_compiling: false,
            cargo_spoke: None,
            held: None,
            shown: HashSet::new(),
            is_repeated: false,
        }
    }

    fn take(&mut self, line: &str) -> io::Result<()> {
        let kind = Line::of(line);
        if let Line::Request { at, text } = kind {
            return if self.is_ours(at) { Ok(()) } else { self.say(at, &text) };
        }
        if self.is_verbose {
            return writeln!(self.to, "{line}");
        }
        if let Some(held) = self.held.take() {
            self.begin(&held, line)?;
        }
        self.is_repeated &= kind == Line::Text;
        match kind {
            Line::Trouble(text) => self.say(None, &text),
            Line::Compiling => self.compile(),
            Line::Finished => {
                // Often there was nothing to compile for one function, but there is for the next.
                if std::mem::take(&mut self.is_compiling) {
                    self.cargo_spoke = Some(Instant::now());
                }
                Ok(())
            }
            Line::Running(function) if self.ready.get().is_some() => {
                self.say(None, &format!("restarted {function}"))
            }
            Line::Diagnostic => {
                self.is_compiling = false;
                self.cargo_spoke = Some(Instant::now());
                self.held = Some(line.to_owned());
                Ok(())
            }
            Line::Text if self.is_repeated => {
                self.is_repeated = !line.is_empty();
                Ok(())
            }
            Line::Text => writeln!(self.to, "{line}"),
            Line::Noise | Line::Running(_) | Line::Request { .. } => Ok(()),
        }
    }

    /// Whether a request is from before the banner.
    fn is_ours(&self, at: Option<Timestamp>) -> bool {
        self.ready.get().is_none_or(|ready| at.is_some_and(|at| at < *ready))
    }

    fn say(&mut self, at: Option<Timestamp>, text: &str) -> io::Result<()> {
        writeln!(self.to, "{}  {text}", clock(at.unwrap_or_else(Timestamp::now)))
    }

    /// Says once for each change that cargo compiles.
    fn compile(&mut self) -> io::Result<()> {
        let is_next = self.cargo_spoke.is_some_and(|spoke| spoke.elapsed() < PAUSE);
        let is_new = !self.is_compiling && !is_next;
        self.is_compiling = true;
        self.cargo_spoke = Some(Instant::now());
        if is_new {
            self.shown.clear();
            self.say(None, "rebuilding …")?;
        }
        Ok(())
    }

    /// A diagnostic with its first two lines, of which the second is still to be printed.
    fn begin(&mut self, first: &str, second: &str) -> io::Result<()> {
        self.is_repeated = !self.shown.insert(format!("{first}\n{second}"));
        if self.is_repeated { Ok(()) } else { writeln!(self.to, "{first}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of these lines. The clock reads `--:--:--`.
    fn shown(is_ready: bool, is_verbose: bool, lines: &str) -> String {
        let ready = Arc::new(OnceLock::new());
        if is_ready {
            ready.set("2026-11-28T10:41:00Z".parse().unwrap()).unwrap();
        }
        let mut reader = Reader::new(Vec::new(), ready, is_verbose);
        for line in lines.lines() {
            reader.take(line).unwrap();
        }
        let text = String::from_utf8(reader.to).unwrap();
        let is_timed = |line: &str| line.get(2..3) == Some(":") && line.get(8..10) == Some("  ");
        let clocks = |line: &str| match line {
            line if is_timed(line) => format!("--:--:--{}\n", &line[8..]),
            line => format!("{line}\n"),
        };
        text.lines().map(clocks).collect()
    }

    const ERROR: &str = "   Compiling site v0.3.0 (/clone/functions/site)
error[E0308]: mismatched types
  --> functions/site/src/lib.rs:14:21
   |
14 |     let c: u8 = \"a\";
   |                 ^^^ expected `u8`, found `&str`

error: could not compile `site` (bin \"site\") due to 1 previous error
ERROR command exited code=101";

    #[test]
    fn an_error_of_the_compiler_is_shown_once_for_each_change() {
        let diagnostics =
            ERROR.split_once('\n').unwrap().1.replace("ERROR command exited code=101", "");
        let once = format!("--:--:--  rebuilding …\n{diagnostics}");
        assert_eq!(shown(true, false, ERROR), once);
        // cargo compiles for the next function, and fails alike.
        assert_eq!(
            shown(true, false, &format!("{ERROR}\n{ERROR}\nafterwards")),
            once + "afterwards\n"
        );
    }

    #[test]
    fn a_rebuild_is_shown_in_short() {
        let lines = "   Compiling site v0.3.0 (/clone)\n    Finished `dev` profile in 0.4s\n     Running `target/debug/site`\n";
        assert_eq!(shown(true, false, lines), "--:--:--  rebuilding …\n--:--:--  restarted site\n");
        assert_eq!(shown(true, true, lines), lines);
        let after_another = format!(
            "    Finished `dev` profile in 0.1s\n     Running `target/debug/register`\n{lines}"
        );
        let both =
            "--:--:--  restarted register\n--:--:--  rebuilding …\n--:--:--  restarted site\n";
        assert_eq!(shown(true, false, &after_another), both);
    }

    #[test]
    fn requests_from_before_the_banner_are_ours() {
        let request = |second: u32| {
            format!(
                r#"{{"timestamp":"2026-11-28T10:41:0{second}.5Z","level":"DEBUG","message":"answered","method":"GET","path":"/health","status":200,"ms":{second},"target":"web::request_line"}}"#
            )
        };
        let early = request(0).replace("41:00", "40:59");
        for is_verbose in [false, true] {
            assert_eq!(shown(false, is_verbose, &request(1)), "");
            assert_eq!(shown(true, is_verbose, &early), "");
            let line = shown(true, is_verbose, &request(1));
            assert!(
                line.starts_with("--:--:--  GET /health") && line.ends_with("1 ms\n"),
                "{line}"
            );
        }
    }

    #[test]
    fn metrics_are_shown_on_demand_only() {
        let metrics = "{\"_aws\":{},\"cold_starts\":1}\n";
        assert_eq!(shown(true, false, metrics), "");
        assert_eq!(shown(true, true, metrics), metrics);
    }
}
