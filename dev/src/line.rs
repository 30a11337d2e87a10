//! One line that the functions, cargo or cargo-lambda print, and what a developer needs of it.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

/// The target and the message of the event that `web` logs for each request.
const REQUEST: (&str, &str) = ("web::request_line", "answered");

/// cargo-lambda's words for a function that was ended because its source has changed, one that could
/// not start, and one that did not compile or panicked: the last two have printed why.
const SAID_ALREADY: [&str; 3] = [
    "ERROR command killed code=ForceStop",
    "ERROR command exited code=1",
    "ERROR command exited code=101",
];

/// cargo-lambda says this when it has ended functions to start them again.
/// The other is about a 5xx, which has a line of its own.
const NO_ERROR: [&str; 2] =
    ["err=io(waiting on process group)", "ERROR response failed classification="];

/// The members of an event that are not about what happened.
const FRAME: [&str; 6] = ["timestamp", "level", "target", "message", "cause", "span"];

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A request was answered.
    Request { at: Option<Timestamp>, text: String },
    /// A warning or an error of a function, in readable form.
    Trouble(String),
    /// Metrics, events below WARN, and what cargo-lambda says about itself.
    Noise,
    /// cargo compiles a crate.
    Compiling,
    /// cargo has compiled, or had nothing to compile.
    Finished,
    /// cargo starts this function.
    Running(String),
    /// A compiler's diagnostic begins.
    Diagnostic,
    /// Anything else: the rest of a diagnostic, a panic, what a developer prints.
    Text,
}

impl Line {
    pub(crate) fn of(line: &str) -> Self {
        let plain = without_colors(line);
        if let Ok(Value::Object(event)) = serde_json::from_str(&plain) {
            return Self::of_event(&event);
        }
        let text = plain.trim_start();
        let word = text.split(' ').next().unwrap_or_default();
        // cargo aligns its own words on the right.
        let is_aligned = plain.starts_with("  ");
        match word {
            "Compiling" if is_aligned => Self::Compiling,
            "Finished" if is_aligned => Self::Finished,
            "Running" if is_aligned => Self::Running(program(text)),
            "Blocking" | "Building" | "Fresh" | "Checking" if is_aligned => Self::Noise,
            "INFO" | "DEBUG" | "TRACE" if plain.starts_with(' ') => Self::Noise,
            "ERROR" if SAID_ALREADY.contains(&text) => Self::Noise,
            "ERROR" if NO_ERROR.iter().any(|known| text.contains(known)) => Self::Noise,
            // Two functions may wait at once, and mix their lines.
            _ if text.contains("waiting for file lock on") => Self::Noise,
            _ if plain.starts_with("error") || plain.starts_with("warning") => Self::Diagnostic,
            _ => Self::Text,
        }
    }

    fn of_event(event: &Map<String, Value>) -> Self {
        if event.contains_key("_aws") {
            return Self::Noise;
        }
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        if (text("target"), text("message")) == REQUEST {
            return Self::Request { at: text("timestamp").parse().ok(), text: request(event) };
        }
        // The runtime warns about its own setting AWS_LAMBDA_MAX_CONCURRENCY at each start.
        let is_runtime = text("target").starts_with("lambda_runtime");
        match text("level") {
            "ERROR" => Self::Trouble(trouble(event)),
            "WARN" if !is_runtime => Self::Trouble(trouble(event)),
            "" => Self::Text,
            _ => Self::Noise,
        }
    }
}

/// `POST /activate   403 code-incorrect   21 ms`
fn request(event: &Map<String, Value>) -> String {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or_default();
    let what = format!("{} {}", text("method"), text("path"));
    format!("{what:<23} {} {:<22} {:>5} ms", number("status"), text("code"), number("ms"))
}

/// `ERROR request failed: no database connection (problem=database-unavailable)`
fn trouble(event: &Map<String, Value>) -> String {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut said = format!("{:<5} {}", text("level"), text("message"));
    let fields: Vec<_> = event
        .iter()
        .filter(|(name, _)| !FRAME.contains(&name.as_str()))
        .map(|(name, value)| match value {
            Value::String(value) => format!("{name}={value}"),
            value => format!("{name}={value}"),
        })
        .collect();
    if !text("cause").is_empty() {
        let _ = write!(said, ": {}", text("cause"));
    }
    if !fields.is_empty() {
        let _ = write!(said, " ({})", fields.join(", "));
    }
    said
}

/// The function in "Running `target/debug/register`".
fn program(text: &str) -> String {
    let path = text.split('`').nth(1).unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The local time of day.
pub(crate) fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// Without the sequences that color a terminal (ECMA-48 §8.3.117).
fn without_colors(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        match Line::of(json) {
            Line::Request { text, .. } | Line::Trouble(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_is_one_readable_line() {
        let event = r#"{"timestamp":"2026-11-28T10:41:07.123456Z","level":"DEBUG","message":"answered",
            "method":"POST","path":"/activate","status":403,"code":"code-incorrect","ms":21,"target":"web::request_line"}"#;
        assert_eq!(text(event), "POST /activate          403 code-incorrect            21 ms");
        let event = event.replace(r#""code":"code-incorrect","#, "").replace("403", "200");
        assert_eq!(text(&event), "POST /activate          200                           21 ms");
        let Line::Request { at, .. } = Line::of(&event) else { panic!("a request") };
        assert_eq!(at, "2026-11-28T10:41:07.123456Z".parse().ok());
    }

    #[test]
    fn a_failure_names_its_cause() {
        let event = r#"{"timestamp":"2026-11-28T10:41:07Z","level":"ERROR","message":"request failed",
            "request_id":"1-2","problem":"database-unavailable","cause":"no connection: refused","target":"web::problem","span":{"name":"Lambda runtime invoke"}}"#;
        let said = "ERROR request failed: no connection: refused \
                    (problem=database-unavailable, request_id=1-2)";
        assert_eq!(text(event), said);
        let event = r#"{"timestamp":"2026-11-28T10:41:07Z","level":"ERROR","message":"cannot start",
            "cause":"PUBLIC_URL is missing","target":"process::logging"}"#;
        assert_eq!(text(event), "ERROR cannot start: PUBLIC_URL is missing");
    }

    #[test]
    fn what_nobody_reads_is_noise() {
        for noise in [
            r#"{"_aws":{"Timestamp":1},"function":"register","registrations":1}"#,
            r#"{"timestamp":"2026-11-28T10:41:07Z","level":"INFO","message":"m","target":"shared"}"#,
            r#"{"timestamp":"2026-11-28T10:41:07Z","level":"WARN","message":"AWS_LAMBDA_MAX_CONCURRENCY","target":"lambda_runtime::runtime"}"#,
            " INFO starting Runtime server runtime_addr=127.0.0.1:9000",
            "\u{1b}[2m\u{1b}[0m \u{1b}[32mINFO\u{1b}[0m spawning function instance",
            "    Blocking waiting for file lock on artifact directory",
            "ERROR command killed code=ForceStop",
            "ERROR command exited code=101",
            "ERROR runtime error err=io(waiting on process group): blocking waitpid returned pid=0",
            "ERROR response failed classification=Status code: 503 Service Unavailable latency=2 ms",
            " waiting for file lock on artifact directory",
        ] {
            assert_eq!(Line::of(noise), Line::Noise, "{noise}");
        }
    }

    #[test]
    fn what_cargo_and_programs_say_is_told_apart() {
        assert_eq!(Line::of("\u{1b}[1m   Compiling\u{1b}[0m web v0.3.0 (/x)"), Line::Compiling);
        assert_eq!(Line::of("    Finished `dev` profile in 0.39s"), Line::Finished);
        assert_eq!(Line::of("     Running `target/debug/site`"), Line::Running("site".to_owned()));
        for diagnostic in ["error[E0308]: mismatched types", "warning: unused variable: `x`"] {
            assert_eq!(Line::of(diagnostic), Line::Diagnostic, "{diagnostic}");
        }
        for text in [
            "",
            "thread 'main' (7) panicked at functions/site/src/lib.rs:1:1:",
            "   |         ^^^ expected `u8`, found `&str`",
            "   0: __rustc::rust_begin_unwind",
            "ERROR command exited code=9",
            "42",
            r#"{"printed": "by a developer"}"#,
        ] {
            assert_eq!(Line::of(text), Line::Text, "{text}");
        }
    }
}
