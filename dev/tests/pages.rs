//! The pages in a real browser, on the whole stack. Needs Chromium.

mod running;

use std::{env, path::PathBuf, process::Command};

use running::RunningStack;
use tools::Postgres;

/// The first draws no window and takes half the time.
const NAMES: [&str; 4] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

#[test]
fn a_person_lives_the_minute_in_a_browser() {
    let Some(chromium) = chromium() else {
        let said = "NOT RUN: no Chromium on PATH, so the pages were not tested. \
                    `apt install chromium`, or CHROMIUM=/path/to/it.";
        assert!(env::var_os("NEED_CHROMIUM").is_none(), "{said}");
        eprintln!("{said}");
        return;
    };
    let modules = tools::browser_modules().expect("the browser's driver");
    let unlimited = [("ADDRESS_SIGNUPS_PER_DAY", "0"), ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0")];
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let stack = RunningStack::start(&database, &unlimited);
    let pictures = tools::dev_folder().join("pictures");
    let status = Command::new("node")
        .args(["--test", "--test-reporter=spec", "--test-timeout=90000"])
        .args([
            "stories/sign-up.mjs",
            "stories/mails.mjs",
            "stories/pages.mjs",
            "stories/password.mjs",
        ])
        .current_dir(tools::workspace().join("functions/site/browser"))
        .env("SITE", format!("http://127.0.0.1:{}", stack.port))
        .env("MAILBOX", format!("http://127.0.0.1:{}", stack.mailbox_port))
        .env("DATABASE", database.url("postgres"))
        .env("CHROMIUM", chromium)
        .env("PICTURES", &pictures)
        .env("MODULES", modules)
        .status()
        .expect("node starts");
    assert!(status.success(), "see above; the pictures are in {}", pictures.display());
}

/// Where the browser is: `CHROMIUM`, else on `PATH`.
fn chromium() -> Option<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM") {
        return Some(PathBuf::from(path));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    let mut paths =
        NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.find(|path| path.is_file())
}
