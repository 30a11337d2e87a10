//! The folders of this crate, and a lock with which parallel processes fill a folder only once.

use std::{
    fs::{self, File},
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

use crate::{ToolError, unix_user::UnixUser};

/// The root of the clone.
pub fn workspace() -> PathBuf {
    // Known at compile time, because this crate is compiled in the clone.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2).take(1).collect()
}

/// The git-ignored folder for everything that can be generated again, and for the data of `cargo
/// dev`.
pub fn dev_folder() -> PathBuf {
    workspace().join(".dev")
}

/// Fills `folder` unless it is already complete for the same `manifest`.
///
/// A test runner may start a process per test: the first one does the work under a lock, the others
/// wait. The manifest is written last, so interrupted work is repeated.
pub(crate) fn once(
    folder: &Path,
    owner: Option<UnixUser>,
    manifest: &str,
    fill: impl FnOnce() -> Result<(), ToolError>,
) -> Result<(), ToolError> {
    let stamp = folder.join("complete");
    let complete = || fs::read_to_string(&stamp).is_ok_and(|done| done == manifest);
    if complete() {
        return Ok(());
    }
    let _lock = lock()?;
    if complete() {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(ToolError::at("remove", folder))?;
    }
    create(folder, owner)?;
    fill()?;
    fs::write(&stamp, manifest).map_err(ToolError::at("write", &stamp))
}

/// Waits for the lock. It ends when the file is closed, at the latest with our process.
fn lock() -> Result<File, ToolError> {
    let path = dev_folder().join("lock");
    create(&dev_folder(), None)?;
    let file = File::create(&path).map_err(ToolError::at("write", &path))?;
    file.lock().map_err(ToolError::at("lock", &path))?;
    Ok(file)
}

/// Creates a folder. With an owner, only the owner can access it.
pub(crate) fn create(folder: &Path, owner: Option<UnixUser>) -> Result<(), ToolError> {
    fs::create_dir_all(folder).map_err(ToolError::at("create", folder))?;
    if let Some(owner) = owner {
        give(folder, owner)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(ToolError::at("protect", folder))?;
    }
    Ok(())
}

/// Copies a folder with its permissions and links, and changes the owner if one is given.
pub(crate) fn copy(from: &Path, to: &Path, owner: Option<UnixUser>) -> Result<(), ToolError> {
    let kind = fs::symlink_metadata(from).map_err(ToolError::at("read", from))?;
    if kind.is_symlink() {
        let target = fs::read_link(from).map_err(ToolError::at("read", from))?;
        return symlink(target, to).map_err(ToolError::at("link", to));
    }
    if kind.is_dir() {
        fs::create_dir(to).map_err(ToolError::at("create", to))?;
        fs::set_permissions(to, kind.permissions()).map_err(ToolError::at("protect", to))?;
        for entry in fs::read_dir(from).map_err(ToolError::at("read", from))? {
            let entry = entry.map_err(ToolError::at("read", from))?;
            copy(&entry.path(), &to.join(entry.file_name()), owner)?;
        }
    } else {
        fs::copy(from, to).map_err(ToolError::at("write", to))?;
    }
    owner.map_or(Ok(()), |owner| give(to, owner))
}

/// Writes a file that only its owner may read.
pub(crate) fn write(path: &Path, text: &str, owner: Option<UnixUser>) -> Result<(), ToolError> {
    fs::write(path, text).map_err(ToolError::at("write", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
        .map_err(ToolError::at("protect", path))?;
    owner.map_or(Ok(()), |owner| give(path, owner))
}

pub(crate) fn give(path: &Path, owner: UnixUser) -> Result<(), ToolError> {
    chown(path, Some(owner.uid), Some(owner.gid))
        .map_err(ToolError::at("change the owner of", path))
}
