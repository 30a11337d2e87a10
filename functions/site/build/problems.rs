//! The problems as openapi.yaml explains them: as a page for people, and as examples in the contract.

use std::fmt::Write as _;

use serde_norway::{Mapping, Value};

use crate::{Outcome, pages::escaped};

/// What openapi.yaml says about one `code`.
pub(crate) struct Problem {
    pub(crate) code: String,
    status: u64,
    title: String,
    happened: String,
    next: String,
    /// Further members, with values for an example.
    members: Mapping,
}

pub(crate) fn all(contract: &Value) -> Outcome<Vec<Problem>> {
    let explained = &contract["components"]["schemas"]["ProblemCode"]["x-problems"];
    let explained = explained.as_mapping().ok_or("ProblemCode has no x-problems")?;
    explained.iter().map(|(code, about)| Problem::of(code, about)).collect()
}

/// The sections of the page.
pub(crate) fn as_html(problems: &[Problem]) -> String {
    let mut html = String::from("<nav aria-label=\"Codes\"><ul>\n");
    for Problem { code, .. } in problems {
        let _ = writeln!(html, "<li><a href=\"#{code}\">{code}</a></li>");
    }
    html.push_str("</ul></nav>\n");
    for Problem { code, status, title, happened, next, .. } in problems {
        let (title, happened, next) = (escaped(title), marked(happened), marked(next));
        let _ = writeln!(
            html,
            "<section id=\"{code}\" class=\"card\">\n<h2>{code}</h2>\n\
             <p class=\"lead\">{status} {title}</p>\n<p>{happened}</p>\n<p>{next}</p>\n</section>"
        );
    }
    html
}

/// HTML, with `code` between backticks.
fn marked(text: &str) -> String {
    let parts = escaped(text);
    let parts = parts.split('`').enumerate();
    parts
        .map(
            |(index, part)| {
                if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }
            },
        )
        .collect()
}

impl Problem {
    fn of(code: &Value, about: &Value) -> Outcome<Self> {
        let code = code.as_str().ok_or("a code is text")?;
        let text = |name: &str| {
            let text = about[name].as_str().ok_or_else(|| format!("{code} has no {name}"));
            text.map(str::to_owned)
        };
        Ok(Self {
            code: code.to_owned(),
            status: about["status"].as_u64().ok_or_else(|| format!("{code} has no status"))?,
            title: text("title")?,
            happened: text("happened")?,
            next: text("next")?,
            members: about["members"].as_mapping().cloned().unwrap_or_default(),
        })
    }

    /// An answer of this kind, as one member of `examples`. The function writes in its own address.
    pub(crate) fn example(&self) -> Value {
        let mut answer = Mapping::new();
        let mut put = |name: &str, value: Value| answer.insert(name.into(), value);
        put("type", format!("@PUBLIC_URL@/docs/problems#{}", self.code).into());
        put("title", self.title.as_str().into());
        put("status", self.status.into());
        put("detail", format!("{} {}", self.happened, self.next).into());
        put("code", self.code.as_str().into());
        put("request_id", "1f3c9a52-6d0e-4b7a-9c68-2e5d7f10a4b3".into());
        answer.extend(self.members.clone());
        let members =
            [("summary".into(), self.title.as_str().into()), ("value".into(), answer.into())];
        Value::Mapping(Mapping::from_iter(members))
    }
}
