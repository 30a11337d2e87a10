//! Chooses a language: by its tag, or by what a browser accepts.

use super::Locale;

impl Default for Locale {
    fn default() -> Self {
        Self::ALL[0]
    }
}

impl Locale {
    /// Fits every tag in use (RFC 5646 §4.4.1).
    const MAX_TAG_BYTES: usize = 35;
    /// Browsers send about 50 bytes. We ignore a longer header than this.
    const MAX_HEADER_BYTES: usize = 1024;

    /// The language that a tag (BCP 47) names, if we have it: `fr`, `fr-CA`, `FR_ca`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let is_subtag = |text: &str| {
            (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let mut subtags = tag.split(['-', '_']);
        let language = subtags.next()?;
        if tag.len() > Self::MAX_TAG_BYTES || !subtags.all(is_subtag) {
            return None;
        }
        let mut ours = Self::ALL.iter().copied();
        ours.find(|locale| language.eq_ignore_ascii_case(locale.as_str()))
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4).
    pub fn from_accept_language(header: &str) -> Self {
        if header.len() > Self::MAX_HEADER_BYTES {
            return Self::default();
        }
        let ranges: Vec<(&str, u16)> = header.split(',').filter_map(range).collect();
        let others = ranges.iter().find(|(tag, _)| *tag == "*").map_or(0, |(_, weight)| *weight);
        let weight_of = |locale| {
            let named = ranges.iter().filter(|(tag, _)| Self::from_tag(tag) == Some(locale));
            named.map(|(_, weight)| *weight).max().unwrap_or(others)
        };
        let heaviest = Self::ALL.iter().map(|locale| weight_of(*locale)).max().unwrap_or(0);
        // Of equal weights, the header's first wins.
        let named = ranges.iter().filter(|(_, weight)| *weight > 0);
        let mut named = named.filter_map(|(tag, _)| Self::from_tag(tag));
        let is_heaviest = |locale: &Self| weight_of(*locale) == heaviest;
        named
            .find(is_heaviest)
            .or_else(|| Self::ALL.iter().copied().find(is_heaviest))
            .unwrap_or_default()
    }

    /// The language tag, as stored and as written into pages and emails.
    pub fn as_str(self) -> &'static str {
        self.texts().language
    }
}

/// One element of the header with its weight in thousandths. Unreadable elements are ignored.
fn range(text: &str) -> Option<(&str, u16)> {
    let Some((tag, parameter)) = text.split_once(';') else {
        return Some((text.trim(), 1000));
    };
    let (name, value) = parameter.split_once('=')?;
    let is_weight = name.trim().eq_ignore_ascii_case("q");
    is_weight.then_some((tag.trim(), thousandths(value.trim())?))
}

/// A `qvalue` (RFC 9110 §12.4.2): 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || decimals.len() > 3 {
        return None;
    }
    let is_number = decimals.bytes().all(|byte| byte.is_ascii_digit());
    let value = format!("{whole}{decimals:0<3}").parse().ok()?;
    (is_number && value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Locale::{self, En, Fr};

    #[test]
    fn a_tag_names_a_locale_whatever_its_region_and_case() {
        for tag in ["fr", "FR", "fr-CA", "FR_ca", "fr-Latn-CH-1996"] {
            assert_eq!(Locale::from_tag(tag), Some(Fr), "{tag}");
        }
        assert_eq!(Locale::from_tag("en-GB"), Some(En));
    }

    #[test]
    fn a_tag_of_another_language_or_none_names_no_locale() {
        for tag in ["", "la", "frr", "fra", "-fr", "fr-", "fr--CA", "fr CA", "*", "fr-é", " fr"] {
            assert_eq!(Locale::from_tag(tag), None, "{tag}");
        }
        assert_eq!(Locale::from_tag(&format!("fr{}", "-a".repeat(17))), None);
    }

    #[test]
    fn the_heaviest_language_that_we_speak_is_chosen() {
        for (header, expected) in [
            ("", En),
            ("fr", Fr),
            ("fr-CH, fr;q=0.9, en;q=0.8, la;q=0.7, *;q=0.5", Fr),
            ("en;q=0.8, fr;q=0.9", Fr),
            ("en , fr ; Q=0.999", En),
            ("la, fr;q=0.1", Fr),
            ("la, eo", En),
            ("*", En),
            ("en;q=0, *", Fr),
            ("en;q=0.2, *;q=0.5", Fr),
            ("fr;q=0", En),
            ("fr;q=0.000, en;q=0.001", En),
        ] {
            assert_eq!(Locale::from_accept_language(header), expected, "{header}");
        }
    }

    #[test]
    fn of_two_equal_languages_the_first_is_chosen() {
        assert_eq!(Locale::from_accept_language("fr, en"), Fr);
        assert_eq!(Locale::from_accept_language("en;q=0.5, fr;q=0.5"), En);
    }

    #[test]
    fn an_unreadable_weight_counts_for_nothing() {
        for weight in ["2", "1.001", "-1", "0.1234", "nan", "", "1e0", "0.+5", "0.é", "é"] {
            let header = format!("fr;q={weight}, en;q=0.1");
            assert_eq!(Locale::from_accept_language(&header), En, "{header}");
        }
        assert_eq!(Locale::from_accept_language("fr;level=1, en;q=0.1"), En);
    }

    #[test]
    fn a_header_without_end_is_not_read() {
        assert_eq!(Locale::from_accept_language(&"fr,".repeat(1000)), En);
    }

    proptest! {
        #[test]
        fn any_header_has_an_answer(header in "\\PC{0,60}") {
            Locale::from_accept_language(&header);
        }

        #[test]
        fn a_locale_is_its_own_tag(locale in prop::sample::select(Locale::ALL)) {
            prop_assert_eq!(Locale::from_tag(locale.as_str()), Some(locale));
            prop_assert_eq!(Locale::from_accept_language(locale.as_str()), locale);
        }
    }
}
