//! Pages in every language. If a template names a missing text, the build fails.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::{Map, Value};
use words::{Locale, Texts};

use crate::{Outcome, assets::Assets};

const FIRST_PAGE: &str = "sign-up";

/// A page, made from a template.
struct Template {
    /// The page's path without the first slash; that of the first page is `/`.
    page: &'static str,
    /// The template, and the script that the page runs.
    file: &'static str,
    /// The card that the page shows first. Scripts show the others.
    card: &'static str,
}

/// Registering, activating and signing in are one document: the password must stay in its memory from the
/// first to the last.
const PAGES: [Template; 6] = [
    Template { page: FIRST_PAGE, file: "sign-up", card: "register" },
    Template { page: "activate", file: "sign-up", card: "activate" },
    Template { page: "login", file: "sign-up", card: "login" },
    Template { page: "not-me", file: "not-me", card: "act" },
    Template { page: "password", file: "password", card: "forgot" },
    Template { page: "me", file: "me", card: "loading" },
];

/// Writes the pages, `problems` as the list of all problems, and returns the table of them as Rust.
pub(crate) fn rendered(out: &Path, assets: &Assets, problems: &str) -> Outcome<String> {
    let frame = fs::read_to_string("pages/frame.html")?;
    let field = fs::read_to_string("pages/password-field.html")?;
    let mut table = String::new();
    for locale in Locale::ALL.iter().copied() {
        for template in PAGES {
            let body = fs::read_to_string(format!("pages/{}.html", template.file))?;
            let body = with_password_fields(&body, &field)?;
            let page = frame.replace("{{body}}", &body).replace("{{page}}", template.file);
            let page = template.opened(&page)?;
            write_page(&mut table, (out, assets), (template.page, locale), &page)?;
        }
    }
    // The contract is written in English. Its pages do not use the frame.
    for name in ["docs", "problems"] {
        let page = fs::read_to_string(format!("pages/{name}.html"))?;
        let page = page.replace("{{problems}}", problems);
        write_page(&mut table, (out, assets), (name, Locale::default()), &page)?;
    }
    Ok(table)
}

impl Template {
    /// The page with its first card, whose heading is the page's title.
    fn opened(&self, page: &str) -> Outcome<String> {
        let card = format!("id=\"{}\"", self.card);
        let (before, after) = page.split_once(&card).ok_or(format!("no card has {card}"))?;
        let heading = after.split_once("<h1").and_then(|(_, rest)| rest.split_once("{{"));
        let heading = heading.and_then(|(_, rest)| rest.split_once("}}"));
        let (title, _) = heading.ok_or(format!("{card} has no heading"))?;
        let after = after.replacen(" hidden>", ">", 1);
        // Search engines list the first page alone.
        let robots = if self.page == FIRST_PAGE { "all" } else { "noindex" };
        let page = format!("{before}{card}{after}");
        Ok(page.replace("{{title}}", &format!("{{{{{title}}}}}")).replace("{{robots}}", robots))
    }
}

const HINT: &str = "<p class=\"hint\" id=\"{{id}}-hint\">{{password_hint}}</p>\n";

/// Writes out every `{{password-field id label autocomplete}}`. A new password has a hint.
fn with_password_fields(body: &str, field: &str) -> Outcome<String> {
    let mut parts = body.split("{{password-field ");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (words, after) = part.split_once("}}\n").ok_or("a template closes every brace")?;
        let words: Vec<_> = words.split(' ').collect();
        let [id, label, autocomplete] = words[..] else {
            return Err(format!("{words:?} is no id, text and kind of password").into());
        };
        let (described, hint) = match autocomplete {
            "new-password" => ("{{id}}-hint {{id}}-error", HINT),
            _ => ("{{id}}-error", ""),
        };
        let label = format!("{{{{{label}}}}}");
        let field = field.replace("{{label}}", &label).replace("{{autocomplete}}", autocomplete);
        let field = field.replace("{{described}}", described).replace("{{hint}}", hint);
        page.push_str(&field.replace("{{id}}", id));
        page.push_str(after);
    }
    Ok(page)
}

fn write_page(
    table: &mut String,
    (out, assets): (&Path, &Assets),
    (name, locale): (&str, Locale),
    template: &str,
) -> Outcome<()> {
    let texts = locale.texts();
    let page = assets.named_in(&filled(template, texts)?);
    let file = out.join(format!("{name}.{}.html", texts.language));
    fs::write(&file, &page)?;
    let file = file.display().to_string();
    writeln!(
        table,
        "Page {{ name: {name:?}, locale: Locale::{locale:?}, text: include_str!({file:?}) }},"
    )?;
    Ok(())
}

/// The texts that scripts show in one language, as a module.
pub(crate) fn script_texts(texts: &Texts) -> String {
    let all = texts.script.all().into_iter();
    let json: Map<String, Value> = all.map(|(name, text)| (name.to_owned(), text.into())).collect();
    format!("export default {};\n", Value::Object(json))
}

/// Fills in every `{{name}}`. An element that contains only a text gets its name as an attribute, so
/// that the scripts can find it. (With askama, every such element would have to repeat the name.)
fn filled(template: &str, texts: &Texts) -> Outcome<String> {
    let named = texts.pages.all();
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once("}}").ok_or("a template closes every brace")?;
        match name {
            "language" => page.push_str(texts.language),
            "direction" => page.push_str(texts.direction),
            "languages" => page.push_str(&others(texts)),
            "locales" => page.push_str(&options(texts)),
            name => {
                let text = named.iter().find(|(known, _)| *known == name);
                let (_, text) = text.ok_or(format!("no text is called {name}"))?;
                if after.starts_with("</") && page.ends_with('>') {
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

/// Every language, to choose from.
fn options(texts: &Texts) -> String {
    let all = Locale::ALL.iter().map(|locale| locale.texts());
    let option = |Texts { language, name, .. }: &Texts| {
        let selected = if *language == texts.language { " selected" } else { "" };
        format!(r#"<option value="{language}" lang="{language}"{selected}>{name}</option>"#)
    };
    all.map(option).collect()
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
