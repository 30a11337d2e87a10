//! Pages in every language. If a template names a missing text, the build fails.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::{Map, Value};
use words::{Locale, Texts};

use crate::{Outcome, assets::Assets, hash};

/// The templates.
const PAGES: [&str; 5] = ["sign-up", "not-me", "password", "docs", "problems"];
/// Those about the contract, which is written in English.
const ENGLISH: [&str; 2] = ["docs", "problems"];

/// Writes the pages, `problems` as the list of all problems, and returns the table of them as Rust.
pub(crate) fn rendered(out: &Path, assets: &Assets, problems: &str) -> Outcome<String> {
    let frame = fs::read_to_string("pages/frame.html")?;
    let common = fs::read_to_string("pages/common.js")?;
    let mut table = String::new();
    for locale in Locale::ALL.iter().copied() {
        let texts = locale.texts();
        for template in PAGES {
            if ENGLISH.contains(&template) && locale != Locale::default() {
                continue;
            }
            let body = fs::read_to_string(format!("pages/{template}.html"))?;
            // The documentation does not use the frame: the viewer brings its own style.
            let page = if body.starts_with("<!doctype") {
                body
            } else {
                let (title, body) =
                    body.split_once('\n').ok_or("a template begins with its title")?;
                let frame = frame.replace("{{title}}", title).replace("{{page}}", template);
                frame.replace("{{body}}", body)
            };
            let page = page.replace("{{problems}}", problems);
            // A page that is only read has no script.
            let own = fs::read_to_string(format!("pages/{template}.js")).unwrap_or_default();
            let scripts = common.clone() + &own;
            let page = assets.named_in(&filled(&page, &scripts, texts)?);
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

/// The texts that the scripts of a page show, as JSON. The scripts compose the names of the texts for API errors.
fn shown_by(scripts: &str, template: &str, texts: &Texts) -> String {
    let is_shown = |name: &str| match name.split_once('_') {
        Some(("error", _)) => true,
        Some(("field", _)) => template.contains("<input"),
        _ => scripts.contains(&format!("\"{name}\"")),
    };
    let all = texts.script.all().into_iter().filter(|(name, _)| is_shown(name));
    let json: Map<String, Value> = all.map(|(name, text)| (name.to_owned(), text.into())).collect();
    // `<` could end the script element.
    Value::Object(json).to_string().replace('<', "\\u003c")
}

/// Fills in every `{{name}}`. An element that contains only a text gets its name as an attribute, so
/// that the scripts can find it. (With askama, every such element would have to repeat the name.)
fn filled(template: &str, scripts: &str, texts: &Texts) -> Outcome<String> {
    let named = texts.pages.all();
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once("}}").ok_or("a template closes every brace")?;
        match name {
            "language" => page.push_str(texts.language),
            "languages" => page.push_str(&others(texts)),
            "script_texts" => page.push_str(&shown_by(scripts, template, texts)),
            name => {
                let text = named.iter().find(|(known, _)| *known == name);
                let (_, text) = text.ok_or(format!("no text is called {name}"))?;
                if after.starts_with("</") && !page.ends_with("<title>") && page.ends_with('>') {
                    page.truncate(page.len() - 1);
                    let _ = write!(page, " data-text=\"{name}\">");
                }
                page.push_str(&escaped(text));
            }
        }
        page.push_str(after);
    }
    // The settings are known when the function starts.
    let page = page.replace("{min}", "@PASSWORD_MIN_LENGTH@");
    Ok(page.replace("{length}", "@CODE_LENGTH@").replace("{within}", "@WITHIN@"))
}

/// Links to the page in every other language, each under that language's own name.
fn others(texts: &Texts) -> String {
    let all = Locale::ALL.iter().map(|locale| locale.texts());
    let others = all.filter(|other| other.language != texts.language);
    let link = |other: &Texts| {
        let Texts { language, name, .. } = other;
        format!(r#"<a href="?lang={language}" lang="{language}" hreflang="{language}">{name}</a>"#)
    };
    others.map(link).collect()
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
