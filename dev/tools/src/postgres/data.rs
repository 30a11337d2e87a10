//! Creates, copies and locks the data folders of servers.

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
    Ending, Leash, ToolError, dev_folder, folders, install, leash,
    unix_user::{self, UnixUser},
};

const INITDB: [&str; 6] = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    // The same sort order and case mapping on every machine.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
];

/// The data folder that each temporary server copies, which is faster than `initdb`.
pub(super) fn template(binaries: &Path, user: Option<UnixUser>) -> Result<PathBuf, ToolError> {
    let folder = unix_user::reachable(user, &dev_folder().join("postgres-template"))?;
    let data = folder.join("data");
    let manifest = format!("{INITDB:?}\n{}", install::STACK.lock);
    folders::once(&folder, user, &manifest, || initialise(binaries, &data, user))?;
    Ok(data)
}

/// Creates a data folder unless it exists.
pub(super) fn initialise(
    binaries: &Path,
    data: &Path,
    user: Option<UnixUser>,
) -> Result<(), ToolError> {
    if data.exists() {
        return Ok(());
    }
    // Under another name until it is complete.
    let draft = data.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(ToolError::at("remove", &draft))?;
    }
    folders::create(&draft, user)?;
    let mut initdb = Leash::command(binaries.join("bin/initdb"), &Ending::default());
    initdb.args(INITDB).arg("--no-sync").arg("--pgdata").arg(&draft).current_dir("/");
    if let Some(user) = user {
        user.run(&mut initdb);
    }
    leash::run("initdb", &data.with_extension("log"), initdb)?;
    fs::rename(&draft, data).map_err(ToolError::at("write", data))
}

/// Lets containers of this machine in: from the first networks of Docker and podman, and from this
/// machine itself, for engines that forward connections. Docker's later networks, in
/// 192.168.0.0/16, stay out: home networks use this range, and this server has no password.
const CONTAINER_RULES: &str = "\
host all all samehost trust
host all all 127.0.0.0/8 trust
host all all 172.16.0.0/12 trust
host all all 10.88.0.0/16 trust
";

/// The `pg_hba.conf` for servers that let containers in.
pub(super) fn container_rules(data: &Path) -> PathBuf {
    data.join("containers_hba.conf")
}

pub(super) fn let_containers_in(data: &Path, user: Option<UnixUser>) -> Result<(), ToolError> {
    let rules = container_rules(data);
    fs::write(&rules, CONTAINER_RULES).map_err(ToolError::at("write", &rules))?;
    user.map_or(Ok(()), |user| folders::give(&rules, user))
}

/// The actual data folder, which may be a substitute, and the lock on it.
pub(super) fn claim(data: &Path, user: Option<UnixUser>) -> Result<(PathBuf, File), ToolError> {
    let data = unix_user::reachable(user, data)?;
    let path = data.with_extension("lock");
    let lock = File::create(&path).map_err(ToolError::at("write", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok((data, lock)),
        Err(TryLockError::WouldBlock) => Err(ToolError::DataInUse(data.display().to_string())),
        Err(TryLockError::Error(source)) => Err(ToolError::at("lock", &path)(source)),
    }
}

/// The parent folder of temporary data: Linux's file system in memory if it has room, else the
/// temporary folder. On disk, ext4 is slow to create files after many were just removed.
pub(super) fn memory_or_disk() -> PathBuf {
    // The databases of all stories need half of this.
    const ROOM: u64 = 7 << 30;
    let memory = PathBuf::from("/dev/shm");
    let has_room = statvfs(&memory).is_ok_and(|it| it.f_bavail * it.f_frsize >= ROOM);
    if has_room { memory } else { env::temp_dir() }
}

/// A new folder for one server, which only its user can access.
pub(super) fn temporary_folder(
    parent: &Path,
    user: Option<UnixUser>,
) -> Result<PathBuf, ToolError> {
    // On macOS a socket path has at most 103 bytes, and its temporary folder has a long path.
    const MAX_BYTES: usize = 60;
    let fits = parent.as_os_str().len() <= MAX_BYTES
        && (user.is_none() || unix_user::all_may_enter(parent));
    let parent = if fits { parent } else { Path::new("/tmp") };

    for number in 0.. {
        let folder = parent.join(format!("registration-{}-{number}", process::id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return folders::create(&folder, user).map(|()| folder),
            // Left by another server of this process, or by an earlier process with the same id.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(ToolError::at("create", &folder)(error)),
        }
    }
    unreachable!("the loop returns a folder or an error")
}
