//! Lists in settings: separated by commas, with spaces or not. Empty entries do not count.

/// The entries of a list.
pub fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}
