//! The pages in real browsers, on the whole stack: in Chromium if there is one, and in Firefox if
//! `FIREFOX` names it, because it takes several times as long.

mod running;

use std::{env, path::PathBuf, process::Command};

use running::RunningStack;
use tools::Postgres;

/// It draws no window and takes half the time, and keeps no files.
const HEADLESS_SHELL: &str = "chromium-headless-shell";
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

#[test]
fn a_person_lives_the_minute_in_chromium() {
    let named = env::var_os("CHROMIUM").map(PathBuf::from);
    let found = || on_path(&[HEADLESS_SHELL]).or_else(|| on_path(&CHROMIUM));
    let Some(chromium) = named.or_else(found) else {
        let said = "NOT RUN: no Chromium on PATH, so the pages were not tested. \
                    `apt install chromium`, or CHROMIUM=/path/to/it.";
        assert!(env::var_os("NEED_CHROMIUM").is_none(), "{said}");
        eprintln!("{said}");
        return;
    };
    tell_stories_in("CHROMIUM", chromium);
}

#[test]
fn a_person_lives_the_minute_in_firefox() {
    if let Some(firefox) = env::var_os("FIREFOX") {
        tell_stories_in("FIREFOX", firefox.into());
    }
}

/// Runs every story in a browser. The stories know it by this variable.
fn tell_stories_in(variable: &str, browser: PathBuf) {
    let modules = tools::browser_modules().expect("the browser's driver");
    let unlimited = [("ADDRESS_SIGNUPS_PER_DAY", "0"), ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0")];
    let database = Postgres::temporary().expect("PostgreSQL starts");
    let stack = RunningStack::start(&database, &unlimited);
    let pictures = tools::dev_folder().join("pictures").join(variable.to_lowercase());
    let folder = tools::workspace().join("functions/site/browser");
    let stories = folder.join("stories").read_dir().expect("the stories");
    let stories = stories.map(|story| story.expect("a story").path());
    let status = Command::new("node")
        .args(["--test", "--test-reporter=spec", "--test-timeout=600000"])
        .args(stories)
        .current_dir(folder)
        .env_remove("CHROMIUM")
        .env_remove("FIREFOX")
        .env(variable, browser)
        .envs(on_path(&CHROMIUM).map(|whole| ("WHOLE_CHROMIUM", whole)))
        .env("SITE", format!("http://127.0.0.1:{}", stack.port))
        .env("MAILBOX", format!("http://127.0.0.1:{}", stack.mailbox_port))
        .env("DATABASE", database.url("postgres"))
        .env("PICTURES", &pictures)
        .env("MODULES", modules)
        .status()
        .expect("node starts");
    assert!(status.success(), "see above; the pictures are in {}", pictures.display());
}

/// The first of these programs that is on `PATH`.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    let mut paths =
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.find(|path| path.is_file())
}
