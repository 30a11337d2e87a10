//! The Unix user that runs PostgreSQL, which refuses to run as root.
//!
//! This user must be able to enter every folder on the path to the files that PostgreSQL reads.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{ToolError, folders};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnixUser {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl UnixUser {
    /// The user for PostgreSQL; `None` if it can run as the current user.
    pub(crate) fn for_postgres() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        // An id without an entry works as well: the user needs neither a name nor a home.
        let unknown = Self { uid: 65534, gid: 65534 };
        Some(find("postgres", &users).or_else(|| find("nobody", &users)).unwrap_or(unknown))
    }

    /// Makes the command run as this user, without our groups.
    pub(crate) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}

fn find(name: &str, users: &str) -> Option<UnixUser> {
    let mut fields = users
        .lines()
        .map(|user| user.split(':'))
        .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
    // On macOS the ids of `nobody` are -2.
    let mut number = |skip: usize| -> Option<u32> {
        let text = fields.nth(skip)?;
        text.parse().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
    };
    Some(UnixUser { uid: number(1)?, gid: number(0)? })
}

/// Returns `wanted`, or a substitute folder if the user cannot enter its parents.
///
/// A clone may be in /root or in a folder made by `mktemp -d`.
pub(crate) fn reachable(user: Option<UnixUser>, wanted: &Path) -> Result<PathBuf, ToolError> {
    let parent = wanted.parent().unwrap_or(wanted);
    folders::create(parent, None)?;
    let parent = fs::canonicalize(parent).map_err(ToolError::at("read", parent))?;
    let name = wanted.file_name().unwrap_or_default();
    if user.is_none() || all_may_enter(&parent) {
        return Ok(parent.join(name));
    }
    let mut hash = DefaultHasher::new();
    parent.hash(&mut hash);
    // Not in /tmp, which may be emptied at a reboot: the data must persist.
    let substitute = PathBuf::from(format!("/var/tmp/user-registration-{:016x}", hash.finish()));
    if !substitute.exists() {
        let created = fs::DirBuilder::new().mode(0o711).create(&substitute);
        created.map_err(ToolError::at("create", &substitute))?;
    }
    // Every user may write to /var/tmp, so another user may have created the folder first.
    let found = fs::symlink_metadata(&substitute).map_err(ToolError::at("read", &substitute))?;
    if found.uid() != 0 || !found.is_dir() || found.mode() & 0o022 != 0 {
        return Err(ToolError::NotOurs(substitute.display().to_string()));
    }
    // Our umask may have removed some of these permissions.
    fs::set_permissions(&substitute, fs::Permissions::from_mode(0o711))
        .map_err(ToolError::at("protect", &substitute))?;
    Ok(substitute.join(name))
}

/// Whether every user may enter this folder and those above it.
pub(crate) fn all_may_enter(folder: &Path) -> bool {
    folder.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|it| it.mode() & 0o001 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/sh\n\
                         nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n\
                         postgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn a_user_is_found_by_name() {
        assert_eq!(find("postgres", USERS), Some(UnixUser { uid: 101, gid: 104 }));
        assert_eq!(find("nobody", USERS), Some(UnixUser { uid: u32::MAX - 1, gid: u32::MAX - 1 }));
        assert_eq!(find("post", USERS), None);
    }
}
