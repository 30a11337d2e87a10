//! `cargo dev` itself: the journey over HTTP, through `cargo lambda watch` and the real mailbox.
#![expect(clippy::unwrap_used, reason = "this file contains only tests and their helpers")]

mod running;

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tools::{Postgres, free_port, is_taken};

use running::RunningStack;

const PATIENCE: Duration = Duration::from_secs(30);

impl RunningStack {
    fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        let request = minreq::post(format!("http://127.0.0.1:{}{path}", self.port))
            .with_header("content-type", "application/json")
            .with_headers(headers.iter().copied())
            .with_body(body.to_string());
        let answer = request.with_timeout(PATIENCE.as_secs()).send().expect("it answers");
        (answer.status_code, serde_json::from_slice(answer.as_bytes()).expect("JSON"))
    }

    /// The code in the newest email in the mailbox.
    fn mailed_code(&self) -> String {
        let store = minreq::get(format!("http://127.0.0.1:{}/store", self.mailbox_port));
        let store = store.with_timeout(PATIENCE.as_secs()).send().expect("the mailbox answers");
        let store: Value = serde_json::from_slice(store.as_bytes()).expect("JSON");
        let mail = store["emails"].as_array().and_then(|mails| mails.last()).expect("a mail");
        mail["subject"].as_str().and_then(|subject| subject.get(..4)).expect("a code").to_owned()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.dev.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).expect("it runs");
    }

    fn listens(&self) -> bool {
        is_taken(self.port) || is_taken(self.mailbox_port)
    }
}

#[test]
fn a_person_signs_up_reads_the_email_and_activates_over_http() {
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let mut stack = RunningStack::start(&database, &[]);
    let password = "correct horse 🐎 battery";
    let credentials = STANDARD.encode(format!("ada@example.com:{password}"));
    let basic = format!("Basic {credentials}");
    let basic = &[("authorization", basic.as_str())];

    let (status, signed_up) = stack.post(
        "/register",
        &[],
        &json!({ "email": "Ada@Example.com", "password": password, "locale": "fr" }),
    );
    assert_eq!(status, 202, "{signed_up}");
    let code = stack.mailed_code();
    let guess = |code: &str| json!({ "code": code, "registration": signed_up["registration"] });
    let wrong = if code == "0000" { "0001" } else { "0000" };
    let (status, refused) = stack.post("/activate", basic, &guess(wrong));
    assert_eq!((status, &refused["attempts_left"]), (403, &json!(2)));
    let (status, account) = stack.post("/activate", basic, &guess(&code));
    assert_eq!((status, &account["email"]), (200, &json!("ada@example.com")));
    let (status, problem) = stack.post("/resend", basic, &json!({}));
    assert_eq!((status, &problem["code"]), (409, &json!("already-active")));

    stack.signal(Signal::TERM);
    assert!(stack.dev.wait().unwrap().success());
    assert!(!stack.listens(), "nothing may be left");
}

#[test]
fn nothing_is_left_when_it_is_killed() {
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let mut stack = RunningStack::start(&database, &[]);
    stack.signal(Signal::KILL);
    stack.dev.wait().unwrap();

    let killed = Instant::now();
    while stack.listens() {
        assert!(killed.elapsed() < PATIENCE, "something is left");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_operator_s_command_is_carried_out_on_the_same_database() {
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let url = database.url("postgres");
    let operate = |event: &str, input: &str| {
        let mut dev = Command::new(env!("CARGO_BIN_EXE_dev"));
        let dev = dev.args(["operate", event]).env("DATABASE_URL", &url);
        let dev = dev.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut dev = dev.spawn().expect("it starts");
        dev.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = dev.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let answer = serde_json::from_slice::<Value>(&output.stdout).map_err(|_| said.clone());
        assert_eq!(
            (output.status.code(), said.is_empty()),
            (Some(i32::from(answer.is_err())), answer.is_ok())
        );
        answer
    };

    let migrated = operate(r#"{"command": "migrate"}"#, "").expect("it succeeds");
    assert_eq!(migrated["applied"][0], "V1__create_accounts");
    // Longer than a command line may be.
    let users: Vec<_> =
        (0..5000).map(|n| json!({ "email": format!("person{n}@example.com") })).collect();
    let import = json!({ "command": "import", "users": users }).to_string();
    let imported = operate("-", &import).expect("it succeeds");
    assert_eq!(imported, json!({ "imported": 5000, "refused": [] }));
    let grant = r#"{"command": "grant", "email": "person7@example.com", "role": "admin"}"#;
    assert_eq!(operate(grant, "").expect("it succeeds")["role"], "admin");

    for (event, why) in [
        (r#"{"command": "drop"}"#, "accepts: migrate, purge, import, grant"),
        (&grant.replace('7', "-7"), "grant: there is no active account"),
        ("purge", "the event is not JSON"),
        ("-", "the event is not JSON"),
    ] {
        let said = operate(event, "").expect_err("it fails");
        assert!(said.contains(why) && said.trim().lines().count() == 1, "{said}");
        assert!(said.starts_with("\ncargo dev: "), "{said}");
    }
    assert!(refuses(&["operate"], &[], 2).contains("cargo dev operate EVENT"));
    let free = free_port().unwrap().to_string();
    let said = refuses(&["operate", "{}"], &[("DATABASE_PORT", &free)], 1);
    assert!(said.contains(&format!("nothing listens on port {free}: run `cargo dev`")), "{said}");
}

#[test]
fn it_says_which_port_is_taken_and_how_to_move_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for name in ["PORT", "MAILBOX_PORT", "DATABASE_PORT"] {
        let said = refuses(&[], &[(name, &port.to_string())], 1);
        assert!(said.contains(&format!("port {port} is taken")), "{said}");
        assert!(said.contains(&format!("{name}=")), "{said}");
    }
    let said = refuses(&["--admin"], &[("ADMIN_PORT", &port.to_string())], 1);
    assert!(said.contains("another: ADMIN_PORT="), "{said}");
}

#[test]
fn it_says_what_is_wrong_with_its_arguments_and_settings() {
    assert!(refuses(&["--frsh"], &[], 2).contains("usage: cargo dev [--fresh]"));
    assert!(refuses(&["--bind"], &[], 2).contains("--bind ADDRESS"));
    assert!(refuses(&["--bind", "everywhere"], &[], 2).contains("--bind ADDRESS"));
    let elsewhere = refuses(&["--bind", "203.0.113.1"], &[], 1);
    assert!(elsewhere.contains("this machine has no address 203.0.113.1"), "{elsewhere}");
    assert!(refuses(&["--admin"], &[("ADMIN_PORT", "x")], 1).contains("ADMIN_PORT must be a port"));
    assert!(refuses(&[], &[("PORT", "http")], 1).contains("PORT must be a port"));
    let free = free_port().unwrap().to_string();
    let ports = [("PORT", free.as_str()), ("MAILBOX_PORT", &free)];
    let no_url = [&ports[..], &[("DATABASE_URL", "localhost:5432")]].concat();
    assert!(refuses(&[], &no_url, 1).contains("DATABASE_URL is not a PostgreSQL URL"));
    let gone = [&ports[..], &[("DATABASE_URL", "postgres://postgres@127.0.0.1:1/postgres")]];
    assert!(refuses(&[], &gone.concat(), 1).contains("cannot connect to the database"));
    let yours = [&ports[..], &[("DATABASE_URL", "postgres://postgres@127.0.0.1/postgres")]];
    assert!(refuses(&["--fresh"], &yours.concat(), 1).contains("--fresh"));
}

/// Starts `cargo dev` and expects it to fail with this exit code. Returns what it printed.
fn refuses(arguments: &[&str], variables: &[(&str, &str)], code: i32) -> String {
    let mut dev = Command::new(env!("CARGO_BIN_EXE_dev"));
    let mut dev = dev
        .args(arguments)
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = String::new();
    dev.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(dev.wait().unwrap().code(), Some(code), "{said}");
    said
}
