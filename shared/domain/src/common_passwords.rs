//! The 10 000 most common passwords.
//!
//! `common_passwords.txt` lists them, most frequent first, after a header with source and licence:
//! the first half of the list in Django 5.2, compiled by Royce Williams.

use secrecy::zeroize::Zeroizing;

const FILE: &str = include_str!("common_passwords.txt");

/// Whether the password is on the list, compared without case.
///
/// One search through 80 KB, which is faster than comparing 10 000 lines.
pub(super) fn is_common(password: &str) -> bool {
    let password = Zeroizing::new(password.to_lowercase());
    let line = Zeroizing::new(format!("\n{}\n", *password));
    list().contains(line.as_str())
}

/// The list, between two line breaks. It begins after the first blank line, because a password may
/// start with `#`.
fn list() -> &'static str {
    FILE.find("\n\n").map_or("", |end_of_header| &FILE[end_of_header + 1..])
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use unicode_normalization::is_nfc;

    use super::{is_common, list};

    #[test]
    fn the_list_is_whole() {
        let mut entries = list().trim().lines();
        assert_eq!(entries.clone().count(), 10_000);
        assert_eq!(entries.next(), Some("123456"));
    }

    #[test]
    fn every_entry_is_spelled_as_passwords_are_compared() {
        for entry in list().trim().lines() {
            assert!(is_nfc(entry) && entry.to_lowercase() == entry && entry.trim() == entry);
        }
    }

    #[test]
    fn a_common_password_is_found_in_any_case() {
        assert!(is_common("PassWord1"));
        assert!(is_common("ПАРОЛЬ"));
        assert!(!is_common("correct horse battery staple"));
        assert!(!is_common(""));
    }

    /// The bound only catches another order of magnitude.
    #[test]
    fn looking_up_costs_next_to_nothing() {
        let start = Instant::now();
        assert!(!is_common("not on the list"));
        assert!(start.elapsed() < Duration::from_millis(50));
    }
}
