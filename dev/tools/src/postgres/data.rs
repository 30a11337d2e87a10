//! The data folders of the servers.

use std::{
    env,
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process,
};

use rustix::fs::statvfs;

use crate::{
    Ending, Leash, ToolError,
    account::{self, Account},
    dev_folder, folders, install, leash,
};

const INITDB: [&str; 6] = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    // The same order and the same upper and lower case on every machine.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
];

/// A data folder that is copied for each temporary server: faster than making one.
pub(super) fn template(binaries: &Path, account: Option<Account>) -> Result<PathBuf, ToolError> {
    let folder = account::reachable(account, &dev_folder().join("postgres-template"))?;
    let data = folder.join("data");
    let manifest = format!("{INITDB:?}\n{}", install::PACKAGE_LOCK);
    folders::once(&folder, account, &manifest, || initialise(binaries, &data, account))?;
    Ok(data)
}

/// Makes a data folder unless it is there.
pub(super) fn initialise(
    binaries: &Path,
    data: &Path,
    account: Option<Account>,
) -> Result<(), ToolError> {
    if data.exists() {
        return Ok(());
    }
    // Under another name until it is complete.
    let draft = data.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(ToolError::at("remove", &draft))?;
    }
    folders::create(&draft, account)?;
    let mut initdb = Leash::command(binaries.join("bin/initdb"), &Ending::default());
    initdb.args(INITDB).arg("--no-sync").arg("--pgdata").arg(&draft).current_dir("/");
    if let Some(account) = account {
        account.run(&mut initdb);
    }
    leash::run("initdb", &data.with_extension("log"), initdb)?;
    fs::rename(&draft, data).map_err(ToolError::at("write", data))
}

/// Where containers of this machine call from: the networks that Docker and podman make first, and
/// this machine itself, when their engine forwards a call. Docker's later networks, in 192.168.0.0/16,
/// are not let in: people have such networks at home, and no password guards this server.
const CONTAINER_RULES: &str = "\
host all all samehost trust
host all all 127.0.0.0/8 trust
host all all 172.16.0.0/12 trust
host all all 10.88.0.0/16 trust
";

/// The file that says who may connect when containers may.
pub(super) fn container_rules(data: &Path) -> PathBuf {
    data.join("containers_hba.conf")
}

/// Writes it, for PostgreSQL's user.
pub(super) fn let_containers_in(data: &Path, account: Option<Account>) -> Result<(), ToolError> {
    let rules = container_rules(data);
    fs::write(&rules, CONTAINER_RULES).map_err(ToolError::at("write", &rules))?;
    account.map_or(Ok(()), |account| folders::give(&rules, account))
}

/// Where the data asked for really are, and the lock on them.
pub(super) fn claim(data: &Path, account: Option<Account>) -> Result<(PathBuf, File), ToolError> {
    let data = account::reachable(account, data)?;
    let path = data.with_extension("lock");
    let lock = File::create(&path).map_err(ToolError::at("write", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok((data, lock)),
        Err(TryLockError::WouldBlock) => Err(ToolError::DataInUse(data.display().to_string())),
        Err(TryLockError::Error(source)) => Err(ToolError::at("lock", &path)(source)),
    }
}

/// Where many small files come and go at no cost: Linux's file system in memory, or else the usual
/// place. On a disk, ext4 searches long for a place beside files that were just removed.
pub(super) fn memory_or_disk() -> PathBuf {
    // The databases of all stories take half of this.
    const ROOM: u64 = 7 << 30;
    let memory = PathBuf::from("/dev/shm");
    let has_room = statvfs(&memory).is_ok_and(|it| it.f_bavail * it.f_frsize >= ROOM);
    if has_room { memory } else { env::temp_dir() }
}

/// A new folder for one server, for its user alone.
pub(super) fn temporary_folder(
    parent: &Path,
    account: Option<Account>,
) -> Result<PathBuf, ToolError> {
    // The path of a socket may have 103 bytes on macOS, whose temporary folder is a long one.
    const MAX_BYTES: usize = 60;
    let fits = parent.as_os_str().len() <= MAX_BYTES
        && (account.is_none() || account::all_may_enter(parent));
    let parent = if fits { parent } else { Path::new("/tmp") };

    for number in 0.. {
        let folder = parent.join(format!("registration-{}-{number}", process::id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return folders::create(&folder, account).map(|()| folder),
            // Another server of this process, or what one with our number has left.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(ToolError::at("create", &folder)(error)),
        }
    }
    unreachable!("a folder was made or its error returned")
}
