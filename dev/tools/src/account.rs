//! PostgreSQL refuses to run as root. For root it runs as another user, who must be able to
//! enter every folder on the way to what it reads.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{ToolError, folders};

/// A user of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// Who runs PostgreSQL, when it must not be ourselves.
    pub(crate) fn for_postgres() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        // An unknown number does as well: the user needs no name and no home.
        let unknown = Self { uid: 65534, gid: 65534 };
        Some(find("postgres", &users).or_else(|| find("nobody", &users)).unwrap_or(unknown))
    }

    /// Lets the command run as this user, and in none of our groups.
    pub(crate) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}

fn find(name: &str, users: &str) -> Option<Account> {
    let mut fields = users
        .lines()
        .map(|user| user.split(':'))
        .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
    // On macOS the numbers of `nobody` are -2.
    let mut number = |skip: usize| -> Option<u32> {
        let text = fields.nth(skip)?;
        text.parse().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
    };
    Some(Account { uid: number(1)?, gid: number(0)? })
}

/// `wanted`, or, when the account could not get there, a place that stands for it.
///
/// A clone may lie in /root or in a folder made by `mktemp -d`.
pub(crate) fn reachable(account: Option<Account>, wanted: &Path) -> Result<PathBuf, ToolError> {
    let parent = wanted.parent().unwrap_or(wanted);
    folders::create(parent, None)?;
    let parent = fs::canonicalize(parent).map_err(ToolError::at("read", parent))?;
    let name = wanted.file_name().unwrap_or_default();
    if account.is_none() || all_may_enter(&parent) {
        return Ok(parent.join(name));
    }
    let mut hash = DefaultHasher::new();
    parent.hash(&mut hash);
    // Not the temporary folder: it may be emptied at the next start, and the data shall stay.
    let substitute = PathBuf::from(format!("/var/tmp/user-registration-{:016x}", hash.finish()));
    if !substitute.exists() {
        let created = fs::DirBuilder::new().mode(0o711).create(&substitute);
        created.map_err(ToolError::at("create", &substitute))?;
    }
    // Anybody may write to /var/tmp, so somebody else may have been there first.
    let found = fs::symlink_metadata(&substitute).map_err(ToolError::at("read", &substitute))?;
    if found.uid() != 0 || !found.is_dir() || found.mode() & 0o022 != 0 {
        return Err(ToolError::NotOurs(substitute.display().to_string()));
    }
    // Whatever our umask has taken away.
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
        assert_eq!(find("postgres", USERS), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(find("nobody", USERS), Some(Account { uid: u32::MAX - 1, gid: u32::MAX - 1 }));
        assert_eq!(find("post", USERS), None);
    }
}
