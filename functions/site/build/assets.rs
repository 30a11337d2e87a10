//! Styles, scripts and pictures, each under a name that changes with its bytes.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use words::Locale;

use crate::{Outcome, hash, pages::script_texts};

/// A file comes after those that it names, and before one whose name begins its own.
const FILES: [&str; 18] = [
    "pages/style.css",
    "pages/basic.js",
    "pages/idn.js",
    "pages/texts.js",
    "pages/common.js",
    "pages/session.js",
    "pages/countdown.js",
    "pages/activate.js",
    "pages/sign-up.js",
    "pages/not-me.js",
    "pages/password.js",
    "pages/me.js",
    "pages/docs.js",
    "pages/docs.css",
    "pages/problems.css",
    "viewer/swagger-ui.css",
    "viewer/swagger-ui-bundle.js.LICENSE.txt",
    "viewer/swagger-ui-bundle.js",
];

/// Our sources without comments and indentation: a fifth of what a phone would load. In them, a comment
/// has lines of its own, and no text goes over several lines.
fn without_comments(text: &str) -> String {
    let is_comment =
        |line: &&str| ["//", "/*", "* ", "*/"].iter().any(|start| line.starts_with(start));
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Where our style sheet and our scripts have spaces that mean nothing, also inside a text: there they are
/// selectors, or code.
const STYLE_SPACES: &[&str] = &[": ", "; ", " {", "{ ", ", "];
const SCRIPT_SPACES: &[&str] = &[
    " = ", " === ", " !== ", " => ", " && ", " || ", " ?? ", " ? ", " : ", ": ", ", ", "{ ", " }",
    ") {",
];

fn tightened(text: &str, spaces: &[&str]) -> String {
    spaces.iter().fold(text.to_owned(), |text, loose| text.replace(loose, &loose.replace(' ', "")))
}

/// The assets by their names in the sources.
pub(crate) struct Assets(Vec<Asset>);

struct Asset {
    source: String,
    name: String,
    path: PathBuf,
}

pub(crate) fn hashed(out: &Path) -> Outcome<Assets> {
    let mut assets = Assets(Vec::new());
    for locale in Locale::ALL.iter().copied() {
        let file = format!("texts.{}.js", locale.as_str());
        assets.add(out, &file, &script_texts(locale.texts()))?;
    }
    for source in FILES {
        let file = source.rsplit('/').next().unwrap_or(source);
        let text = fs::read_to_string(source)?;
        let text = match file.rsplit_once('.') {
            _ if source.starts_with("viewer/") => text,
            Some((_, "css")) => tightened(&without_comments(&text), STYLE_SPACES)
                .replace(";\n}", "}")
                .replace(";}", "}"),
            Some((_, "js")) => tightened(&without_comments(&text), SCRIPT_SPACES),
            _ => without_comments(&text),
        };
        assets.add(out, file, &text)?;
    }
    Ok(assets)
}

impl Assets {
    fn add(&mut self, out: &Path, file: &str, text: &str) -> Outcome<()> {
        let text = self.named_in(text);
        let (stem, extension) = file.rsplit_once('.').ok_or("an asset has an extension")?;
        let name = format!("{stem}-{}.{extension}", hash(text.as_bytes()));
        let path = out.join(file);
        fs::write(&path, text)?;
        self.0.push(Asset { source: file.to_owned(), name, path });
        Ok(())
    }

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
