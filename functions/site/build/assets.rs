//! Styles, scripts and pictures, each under a name that changes with its bytes.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::{Outcome, hash};

/// A file comes after those that it names, and before one whose name begins its own.
const FILES: [&str; 13] = [
    "pages/icon.svg",
    "pages/style.css",
    "pages/basic.js",
    "pages/common.js",
    "pages/sign-up.js",
    "pages/not-me.js",
    "pages/password.js",
    "pages/docs.js",
    "pages/docs.css",
    "pages/problems.css",
    "viewer/swagger-ui.css",
    "viewer/swagger-ui-bundle.js.LICENSE.txt",
    "viewer/swagger-ui-bundle.js",
];

/// The assets by their names in the sources.
pub(crate) struct Assets(Vec<Asset>);

struct Asset {
    source: &'static str,
    name: String,
    path: PathBuf,
}

pub(crate) fn hashed(out: &Path) -> Outcome<Assets> {
    let mut assets = Assets(Vec::new());
    for source in FILES {
        let text = assets.named_in(&fs::read_to_string(source)?);
        let file = source.rsplit('/').next().unwrap_or(source);
        let (stem, extension) = file.rsplit_once('.').ok_or("an asset has an extension")?;
        let name = format!("{stem}-{}.{extension}", hash(text.as_bytes()));
        let path = out.join(file);
        fs::write(&path, text)?;
        assets.0.push(Asset { source: file, name, path });
    }
    Ok(assets)
}

impl Assets {
    /// Writes the hashed names for `asset:name`.
    pub(crate) fn named_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, asset| {
            text.replace(&format!("asset:{}", asset.source), &asset.name)
        })
    }

    /// As Rust.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        for Asset { name, path, .. } in &self.0 {
            let media_type = match name.rsplit('.').next() {
                Some("css") => "text/css; charset=utf-8",
                Some("svg") => "image/svg+xml",
                Some("txt") => "text/plain; charset=utf-8",
                _ => "text/javascript; charset=utf-8",
            };
            let path = path.display().to_string();
            let _ = writeln!(
                table,
                "Asset {{ name: {name:?}, media_type: {media_type:?}, text: include_str!({path:?}) }},"
            );
        }
        table
    }
}
