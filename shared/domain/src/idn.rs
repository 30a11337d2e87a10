//! Domains with letters of any alphabet (UTS #46, non-transitional): as DNS has them, and as people write
//! them when those letters cannot be mistaken for others.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_script::{Script, UnicodeScript as _};

/// The rules of STD 3: letters, digits and hyphens.
const RULES: (AsciiDenyList, Hyphens) = (AsciiDenyList::STD3, Hyphens::Check);

/// The domain as in DNS, within its lengths (labels ≤ 63, the name ≤ 253), or `None` if there can be no
/// such domain.
pub(crate) fn a_labels(domain: &str) -> Option<String> {
    let (deny, hyphens) = RULES;
    let domain = Uts46::new().to_ascii(domain.as_bytes(), deny, hyphens, DnsLength::Verify);
    domain.ok().map(Into::into)
}

/// A domain of A-labels with those labels in their own letters that are of one script. A label that
/// mixes scripts can look like another one, so it stays as it is.
pub fn shown(domain: &str) -> String {
    let is_honest = |label: &[char], _: &[char], _: bool| is_of_one_script(label);
    let (deny, hyphens) = RULES;
    let (shown, judged) =
        Uts46::new().to_user_interface(domain.as_bytes(), deny, hyphens, is_honest);
    // A person who types what they read must arrive at the same domain.
    let is_same = judged.is_ok() && a_labels(&shown).is_some_and(|back| back == domain);
    if is_same { shown.into_owned() } else { domain.to_owned() }
}

/// Japanese, Korean and Chinese use several scripts at once, which do not look alike.
fn is_of_one_script(label: &[char]) -> bool {
    let script = |c: &char| match c.script() {
        Script::Common | Script::Inherited => None,
        Script::Hiragana | Script::Katakana | Script::Bopomofo | Script::Hangul => {
            Some(Script::Han)
        }
        script => Some(script),
    };
    let mut scripts = label.iter().filter_map(script);
    let first = scripts.next();
    scripts.all(|script| Some(script) == first)
}

#[cfg(test)]
mod tests {
    use super::shown;
    use crate::email::Email;

    #[test]
    fn a_domain_is_shown_in_its_own_letters() {
        for typed in
            ["bücher.example", "مثال.إختبار", "пример.испытание", "ひらがな漢字.jp", "faß.de"]
        {
            let email = Email::parse(&format!("ada@{typed}")).unwrap();
            assert!(email.as_str().is_ascii());
            assert_eq!(email.shown(), format!("ada@{typed}"));
        }
        assert_eq!(shown("example.com"), "example.com");
        assert_eq!(shown("127.0.0.1"), "127.0.0.1");
        assert_eq!(shown("[::1]"), "[::1]");
    }

    #[test]
    fn a_label_that_mixes_scripts_is_shown_as_it_is() {
        // A Cyrillic а before Latin letters, and a Greek omicron between them.
        for typed in ["аpple.com", "gοogle.com", "exаmple.bücher.de"] {
            let email = Email::parse(&format!("ada@{typed}")).unwrap();
            let (_, domain) = email.as_str().rsplit_once('@').unwrap();
            let expected = domain.replace("xn--bcher-kva", "bücher");
            assert!(expected.contains("xn--"), "{expected}");
            assert_eq!(shown(domain), expected);
        }
    }

    #[test]
    fn what_is_no_domain_stays() {
        for text in ["", "xn--a", "xn--zzzzzzzz.com", "a..b", "_x.example"] {
            assert_eq!(shown(text), text);
        }
    }
}
