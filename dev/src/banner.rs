//! What `cargo dev` prints when everything is running.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _},
};

use qrcode::{QrCode, render::unicode::Dense1x2};

use crate::{settings::Settings, stack::Stack};

/// Where everything is.
pub(crate) fn banner(settings: &Settings, stack: &Stack) -> String {
    let (url, mailbox) = (settings.public_url(), settings.mailbox_url());
    let (database, log) = (stack.database_url(), stack.log());
    let admin = stack.admin_url().map(|url| format!("\n  pgAdmin   {url}/")).unwrap_or_default();
    let mut text = format!(
        "\n\
         ready\n\
         \n  sign up   {url}/\
         \n  mailbox   {mailbox}/\
         \n  API       {url}/docs\
         \n  database  {database}{admin}\
         \n  log       {log} (everything that the functions print)\n"
    );
    if !settings.bind.is_loopback() {
        text.push_str(&for_the_network(settings));
    }
    let _ = write!(
        text,
        "\n  curl -i {url}/register -H 'content-type: application/json' \\\
         \n       -d '{{\"email\": \"ada@example.com\", \"password\": \"correct horse battery\"}}'\n\
         \n  A line for each request follows. Ctrl-C stops everything.\n"
    );
    text
}

fn for_the_network(settings: &Settings) -> String {
    let (bind, url) = (settings.bind, settings.public_url());
    let whom = if bind.is_unspecified() { "an address of this machine" } else { &bind.to_string() };
    // Escape sequences are for terminals.
    let code = if io::stdout().is_terminal() { qr_code(&url) } else { String::new() };
    format!(
        "\n  WARNING: every machine that reaches {whom} can use the API and read the emails.\
         \n  The database lets in this machine and its containers only.\
         \n  Browsers keep sign-in cookies from plain http: there, signing in needs https.\n{code}"
    )
}

/// These two of the 256 colors do not depend on a terminal's theme.
const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";

/// A QR code, black on white whatever the colors of the terminal.
fn qr_code(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else { return String::new() };
    let drawn =
        code.render::<Dense1x2>().dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).build();
    let lines = drawn.lines().map(|line| format!("  {BLACK_ON_WHITE}{line}\u{1b}[0m\n"));
    format!("\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_own_colors() {
        let code = qr_code("http://192.168.1.7:9000");
        let lines: Vec<_> = code.trim_start().lines().collect();
        assert!(lines.len() > 12, "{code}");
        for line in lines {
            let line = line.trim_start();
            assert!(line.starts_with(BLACK_ON_WHITE) && line.ends_with("\u{1b}[0m"), "{line}");
        }
    }
}
