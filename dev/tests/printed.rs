//! What `cargo dev` prints after its banner, and where it can be reached.

mod running;

use std::{
    fs,
    net::Ipv4Addr,
    thread,
    time::{Duration, Instant},
};

use running::RunningStack;
use tools::{Postgres, dev_folder};

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

impl RunningStack {
    /// The page at this path.
    fn get(&self, address: Ipv4Addr, path: &str) -> Option<u16> {
        let request = minreq::get(format!("http://{address}:{}{path}", self.port));
        Some(request.with_timeout(30).send().ok()?.status_code)
    }

    /// The lines after `ready`, as soon as one of them contains each of these texts.
    fn lines_with(&self, texts: &[&str]) -> Vec<String> {
        let started = Instant::now();
        loop {
            let lines =
                self.printed.lock().expect("no thread panics while it holds the lock").clone();
            if texts.iter().all(|text| lines.iter().any(|line| line.contains(text))) {
                return lines;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "no {texts:?} in {lines:#?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A request's line begins with the time of day.
fn is_timed(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.len() > 10 && bytes[2] == b':' && bytes[5] == b':' && line.get(8..10) == Some("  ")
}

#[test]
fn each_request_is_one_line_that_anybody_may_read() {
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let stack = RunningStack::start(&database, &[]);
    assert_eq!(stack.get(HERE, "/activate?code=0427"), Some(200));
    assert_eq!(stack.get(HERE, "/users/me"), Some(401));
    assert_eq!(stack.get(HERE, "/users/0198c6a0-0000-7000-8000-000000000000"), Some(401));
    assert_eq!(stack.get(HERE, "/nothing/ada@example.com"), Some(404));

    let lines = stack.lines_with(&["(no such path)"]);
    let requests: Vec<_> = lines.iter().filter(|line| is_timed(line)).collect();
    let expected = [
        ("GET /activate", "200", ""),
        ("GET /users/me", "401", "invalid-credentials"),
        ("GET /users/{id}", "401", "invalid-credentials"),
        ("GET (no such path)", "404", "not-found"),
    ];
    assert_eq!(requests.len(), expected.len(), "one line each: {lines:#?}");
    for (line, (what, status, code)) in requests.iter().zip(expected) {
        let start = format!("{what:<23} {status} {code:<22} ");
        assert!(line[10..].starts_with(&start) && line.ends_with(" ms"), "{line:?}, not {start:?}");
    }
    assert!(!lines.iter().any(|line| line.starts_with('{')), "{lines:#?}");

    let name = format!("functions-{}.log", stack.port);
    assert!(lines.iter().any(|line| line.contains(&format!(".dev/{name} "))), "{lines:#?}");
    let log = fs::read_to_string(dev_folder().join(name)).expect("it is there");
    for text in ["\"_aws\"", "\"path\":\"/users/{id}\"", "starting lambda function"] {
        assert!(log.contains(text), "{text} is not in {log}");
    }
    assert!(!log.contains("ada@example.com"), "{log}");
}

#[test]
fn everything_is_printed_on_demand() {
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let stack = RunningStack::start_with(&database, &["--verbose"], &[]);
    let sign_in = minreq::post(format!("http://127.0.0.1:{}/login", stack.port))
        .with_header("content-type", "application/json")
        .with_body(r#"{"email": "ada@example.com", "password": "correct horse battery"}"#);
    assert_eq!(sign_in.with_timeout(30).send().expect("it answers").status_code, 401);
    let request = format!("{:<23} 401 invalid-credentials", "POST /login");
    let lines = stack.lines_with(&[&request, "\"_aws\"", "password_failures"]);
    assert!(!lines.iter().any(|line| line.contains("/health")), "ours are not shown: {lines:#?}");
}

/// Another address of this machine: the one in its network, if it is in one.
#[cfg(target_os = "linux")]
#[test]
fn a_phone_in_the_same_network_can_use_it() {
    let address = tools::network_address().unwrap_or(Ipv4Addr::new(127, 0, 0, 2));
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let stack = RunningStack::start_with(&database, &["--bind", &address.to_string()], &[]);
    let port = stack.port;

    let banner = stack.lines_with(&["Ctrl-C stops everything"]).join("\n");
    assert!(banner.contains(&format!("sign up   http://{address}:{port}/")), "{banner}");
    assert!(banner.contains(&format!("http://{address}:{}/", stack.mailbox_port)), "{banner}");
    let is_loopback = address.is_loopback();
    assert_eq!(banner.contains("WARNING: every machine that reaches"), !is_loopback, "{banner}");

    assert_eq!(stack.get(address, "/health"), Some(200));
    assert_eq!(stack.get(HERE, "/health"), None, "it listens there alone");
    // Links lead to where the phone finds us.
    let sign_up = minreq::post(format!("http://{address}:{port}/register"))
        .with_header("content-type", "application/json")
        .with_header("origin", format!("http://{address}:{port}"))
        .with_body(r#"{"email": "ada@example.com", "password": "correct horse battery"}"#);
    assert_eq!(sign_up.with_timeout(30).send().expect("it answers").status_code, 202);
    let store = minreq::get(format!("http://{address}:{}/store", stack.mailbox_port));
    let store = store.with_timeout(30).send().expect("the mailbox answers");
    let store = store.as_str().expect("text");
    assert!(store.contains(&format!("http://{address}:{port}/not-me")), "{store}");
}
