//! Servers start, hang and stop on request, and never outlive the program that started them.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, test_kill_process};
use tools::{Mailbox, Postgres};

/// Set for the second copy of this program, which a test kills.
const OWNER: &str = "TOOLS_TEST_OWNER";

#[test]
fn a_temporary_server_answers_and_leaves_nothing() {
    let server = Postgres::temporary().unwrap();
    let (pid, folder) = (server.pid().unwrap(), folder(&server));
    assert!(answers(&folder));

    drop(server);

    assert!(!is_alive(pid));
    assert!(!folder.exists());
}

#[test]
fn two_servers_do_not_disturb_each_other() {
    let (one, other) = (Postgres::temporary().unwrap(), Postgres::temporary().unwrap());
    assert_ne!(one.url("postgres"), other.url("postgres"));

    drop(one);

    assert!(answers(&folder(&other)));
}

#[test]
fn a_stopped_server_starts_again() {
    let mut server = Postgres::temporary().unwrap();
    let folder = folder(&server);

    server.stop();
    assert!(!answers(&folder));
    assert_eq!(server.pid(), None);

    server.start().unwrap();
    assert!(answers(&folder));
}

#[test]
fn a_frozen_server_takes_connections_and_stays_silent_until_it_is_thawed() {
    let mut server = Postgres::temporary().unwrap();
    let folder = folder(&server);

    server.freeze();
    assert!(!answers(&folder));

    server.thaw();
    assert!(answers(&folder));
}

#[test]
fn a_frozen_server_can_be_ended() {
    let mut server = Postgres::temporary().unwrap();
    let pid = server.pid().unwrap();
    server.freeze();

    drop(server);

    assert!(!is_alive(pid));
}

#[test]
fn a_server_ends_when_its_owner_is_killed() {
    let me = env::current_exe().unwrap();
    let mut owner = Command::new(me)
        .args(["--exact", "owns_a_server_until_killed", "--nocapture"])
        .env(OWNER, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = said.find_map(|line| Some(line.split_once("server ")?.1.to_owned())).unwrap();
    let (pid, folder) = line.split_once(' ').unwrap();
    let (pid, folder) = (pid.parse().unwrap(), Path::new(folder));
    assert!(is_alive(pid) && folder.exists());

    owner.kill().unwrap();
    owner.wait().unwrap();

    let start = Instant::now();
    while is_alive(pid) || folder.exists() {
        assert!(start.elapsed() < Duration::from_secs(15), "the server outlived its owner");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The process that the test above kills. Without [`OWNER`] it does nothing.
#[test]
fn owns_a_server_until_killed() {
    if env::var_os(OWNER).is_some() {
        let server = Postgres::temporary().unwrap();
        println!("server {} {}", server.pid().unwrap(), folder(&server).display());
        thread::sleep(Duration::from_mins(1));
    }
}

#[test]
fn kept_data_outlive_the_server_and_have_one_user_at_a_time() {
    let place = env::temp_dir().join(format!("registration-kept-{}", std::process::id()));
    let data = place.join("data");
    let server =
        Postgres::persistent(&data, Ipv4Addr::LOCALHOST, tools::free_port().unwrap()).unwrap();

    let second =
        Postgres::persistent(&data, Ipv4Addr::LOCALHOST, tools::free_port().unwrap()).unwrap_err();
    assert!(second.to_string().contains("in use"), "{second}");

    drop(server);
    assert!(data.join("PG_VERSION").exists());

    Postgres::erase(&data).unwrap();
    assert!(!data.exists());
    fs::remove_dir_all(place).unwrap();
}

/// Another address of this machine, like that of a container network. macOS has only one.
#[cfg(target_os = "linux")]
const ANOTHER_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

#[cfg(target_os = "linux")]
#[test]
fn containers_reach_a_server_only_when_they_are_let_in() {
    const RULES: &str = "SELECT string_agg(address, ' ') FROM pg_hba_file_rules";
    let place = env::temp_dir().join(format!("registration-bound-{}", std::process::id()));
    let data = place.join("data");

    let port = tools::free_port().unwrap();
    let server = Postgres::persistent(&data, ANOTHER_ADDRESS, port).unwrap();
    for address in [ANOTHER_ADDRESS, Ipv4Addr::LOCALHOST] {
        let rules = ask((address, port), RULES).unwrap();
        assert!(rules.contains("samehost 127.0.0.0 172.16.0.0 10.88.0.0"), "{rules}");
    }
    drop(server);

    let port = tools::free_port().unwrap();
    let server = Postgres::persistent(&data, Ipv4Addr::LOCALHOST, port).unwrap();
    let rules = ask((Ipv4Addr::LOCALHOST, port), RULES).unwrap();
    assert!(rules.contains("127.0.0.1") && !rules.contains("172.16"), "{rules}");
    ask((ANOTHER_ADDRESS, port), RULES).unwrap_err();

    drop(server);
    fs::remove_dir_all(place).unwrap();
}

/// PostgreSQL's response to one statement over TCP, as raw protocol bytes.
#[cfg(target_os = "linux")]
fn ask(address: (Ipv4Addr, u16), sql: &str) -> io::Result<String> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    let start = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
    let length = |bytes: usize| u32::try_from(bytes + 4).expect("it is short").to_be_bytes();
    connection.write_all(&[&length(start.len())[..], start].concat())?;
    connection.write_all(&[b"Q", &length(sql.len() + 1)[..], sql.as_bytes(), b"\0"].concat())?;
    connection.write_all(&[&b"X"[..], &length(0)].concat())?;
    let mut said = Vec::new();
    connection.read_to_end(&mut said)?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn the_mailbox_listens_where_it_is_told() {
    let port = tools::free_port().unwrap();
    let mailbox = Mailbox::start(ANOTHER_ADDRESS, port).unwrap();
    assert_eq!(mailbox.url(), format!("http://127.0.0.2:{port}"));
    let store = |url: &str| minreq::get(format!("{url}/store")).with_timeout(10).send();
    assert_eq!(store(&mailbox.url()).unwrap().status_code, 200);
    store(&format!("http://127.0.0.1:{port}")).unwrap_err();
}

#[test]
fn the_mailbox_answers_until_it_is_dropped() {
    let mailbox = Mailbox::temporary().unwrap();
    let url = mailbox.url() + "/store";
    let store = || minreq::get(&url).with_timeout(5).send();
    assert!(store().unwrap().as_str().unwrap().contains("emails"));

    drop(mailbox);

    store().unwrap_err();
}

/// The folder of a temporary server's socket.
fn folder(server: &Postgres) -> PathBuf {
    let url = server.url("postgres");
    let (_, host) = url.split_once('@').expect("the user comes first");
    host.trim_end_matches("/postgres").replace("%2F", "/").into()
}

/// Requests TLS, which needs no login: a server answers `S` or `N`.
fn answers(folder: &Path) -> bool {
    let ask = || {
        let mut connection = UnixStream::connect(folder.join(".s.PGSQL.5432"))?;
        connection.set_read_timeout(Some(Duration::from_millis(500)))?;
        connection.write_all(&[0, 0, 0, 8, 4, 210, 22, 47])?;
        connection.read_exact(&mut [0])
    };
    ask().is_ok()
}

fn is_alive(pid: u32) -> bool {
    let pid = Pid::from_raw(pid.cast_signed()).expect("no process has the number 0");
    // A zombie that init has not reaped yet counts as dead.
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(pid).is_ok() && !state.contains(") Z ")
}
