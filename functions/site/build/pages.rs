//! Pages in every language. A text that a template names and nobody has written ends the build.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::{Map, Value};
use words::{Locale, Texts};

use crate::{Outcome, assets::Assets, hash};

/// The templates.
const PAGES: [&str; 4] = ["sign-up", "not-me", "password", "docs"];

/// Writes the pages, and gives the table of them as Rust.
pub(crate) fn rendered(out: &Path, assets: &Assets) -> Outcome<String> {
    let frame = fs::read_to_string("pages/frame.html")?;
    let mut table = String::new();
    for locale in Locale::ALL.iter().copied() {
        let texts = locale.texts();
        for template in PAGES {
            // The contract is written in English.
            if template == "docs" && locale != Locale::default() {
                continue;
            }
            let body = fs::read_to_string(format!("pages/{template}.html"))?;
            // The documentation has a page of its own: the viewer brings its style.
            let page = if body.starts_with("<!doctype") {
                body
            } else {
                let (title, body) =
                    body.split_once('\n').ok_or("a template begins with its title")?;
                let frame = frame.replace("{{title}}", title).replace("{{page}}", template);
                frame.replace("{{body}}", body)
            };
            let page = assets.named_in(&filled(&page, texts)?);
            let file = out.join(format!("{template}.{}.html", texts.language));
            let tag = hash(page.as_bytes());
            fs::write(&file, page)?;
            let language = format!("{locale:?}");
            let file = file.display().to_string();
            let _ = writeln!(
                table,
                "Page {{ name: {template:?}, locale: Locale::{language}, tag: {tag:?}, \
                 text: include_str!({file:?}) }},"
            );
        }
    }
    Ok(table)
}

/// Fills in every `{{name}}`.
fn filled(template: &str, texts: &Texts) -> Outcome<String> {
    let script: Map<String, Value> =
        texts.script.all().into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    // The script reads it out of the page; `<` would end its element.
    let script = Value::Object(script).to_string().replace('<', "\\u003c");
    let named = texts.pages.all();
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once("}}").ok_or("a template closes every brace")?;
        match name {
            "language" => page.push_str(texts.language),
            "languages" => page.push_str(&others(texts)),
            "script_texts" => page.push_str(&script),
            name => {
                let text = named.iter().find(|(known, _)| *known == name);
                page.push_str(&escaped(text.ok_or(format!("no text is called {name}"))?.1));
            }
        }
        page.push_str(after);
    }
    Ok(page.replace("{min}", "@PASSWORD_MIN_LENGTH@"))
}

/// Links to the page in every other language, each by the name it has for itself.
fn others(texts: &Texts) -> String {
    let all = Locale::ALL.iter().map(|locale| locale.texts());
    let others = all.filter(|other| other.language != texts.language);
    let link = |other: &Texts| {
        let Texts { language, name, .. } = other;
        format!(r#"<a href="?lang={language}" lang="{language}" hreflang="{language}">{name}</a>"#)
    };
    others.map(link).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
