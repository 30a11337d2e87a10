//! Activation codes: how they are drawn, and how typed ones are read.

use std::{fmt, str::FromStr};

use rand::{TryRng, rngs::SysRng};

#[derive(Debug, Clone, Copy)]
pub struct CodeRules {
    pub length: CodeLength,
    /// How long a code works: the minute. It runs from storing the code, and starts again when we record that
    /// SES accepted the email.
    pub lifetime_seconds: u32,
    /// Wrong guesses per code; 0 turns this limit off.
    pub guesses: u32,
}

/// The number of digits of a code: 4 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLength(u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 4 to 8")]
pub struct InvalidCodeLength;

impl CodeLength {
    pub fn digits(self) -> usize {
        usize::from(self.0)
    }
}

impl FromStr for CodeLength {
    type Err = InvalidCodeLength;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.parse().ok().filter(|digits| (4..=8).contains(digits));
        digits.map(Self).ok_or(InvalidCodeLength)
    }
}

/// The digits that prove control of a mailbox.
#[derive(Clone)]
pub struct ActivationCode(String);

/// The text is not a code of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter the {} digits of the code from the email", length.digits())]
pub struct InvalidCode {
    length: CodeLength,
}

impl InvalidCode {
    /// The reason for programs. It never changes.
    pub fn code(self) -> &'static str {
        "not-a-code"
    }
}

impl ActivationCode {
    /// Eight digits, each between a few separators, are far shorter.
    const MAX_TYPED_CHARS: usize = 64;

    /// Draws a code from the operating system's generator, uniformly.
    pub fn generate(length: CodeLength) -> Self {
        Self((0..length.digits()).map(|_| char::from(b'0' + random_digit())).collect())
    }

    /// Reads a code as typed or copied: skips separators, and accepts the decimal digits of every
    /// script.
    pub fn parse(text: &str, length: CodeLength) -> Result<Self, InvalidCode> {
        let invalid = InvalidCode { length };
        if text.chars().nth(Self::MAX_TYPED_CHARS).is_some() {
            return Err(invalid);
        }
        let typed = text.chars().filter(|c| !is_separator(*c));
        let digits = typed.map(ascii_digit).collect::<Option<String>>().ok_or(invalid)?;
        if digits.len() == length.digits() { Ok(Self(digits)) } else { Err(invalid) }
    }

    /// The digits, for the email and the MAC. Never log or store them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode(******)")
    }
}

fn random_digit() -> u8 {
    loop {
        let mut byte = [0];
        SysRng.try_fill_bytes(&mut byte).expect("Linux has random bytes once it has started");
        // A byte has 256 values: without this, the digits 0 to 5 would be more likely than the
        // others.
        if byte[0] < 250 {
            return byte[0] % 10;
        }
    }
}

/// Whether a person cannot see this character: people copy such characters without noticing.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || INVISIBLE.contains(c)
}

/// What people, phones and mail programs put between digits.
fn is_separator(c: char) -> bool {
    is_blank(c) || DASHES.contains(c)
}

fn ascii_digit(c: char) -> Option<char> {
    let c = u32::from(c);
    // The greatest zero not above the character is the zero of its script.
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= c)].last()?;
    char::from_digit(c - zero, 10)
}

/// The zero of every script: category Nd of Unicode 16.0, whose digits are always ten in a row.
const ZEROS: [u32; 76] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450,
    0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50,
    0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE,
    0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

/// Soft hyphen, zero-width characters, byte order mark, and the direction marks that are copied
/// with a code from right-to-left text.
const INVISIBLE: &str = "\
    \u{AD}\u{61C}\u{180E}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\
    \u{202D}\u{202E}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{FEFF}";

/// Category Pd of Unicode 16.0, then the hyphen bullet and the minus.
const DASHES: &str = "\
    -\u{58A}\u{5BE}\u{1400}\u{1806}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2E17}\
    \u{2E1A}\u{2E3A}\u{2E3B}\u{2E40}\u{2E5D}\u{301C}\u{3030}\u{30A0}\u{FE31}\u{FE32}\u{FE58}\
    \u{FE63}\u{FF0D}\u{10D6E}\u{10EAD}\u{2043}\u{2212}";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::{prelude::*, sample::select};

    use super::{ActivationCode, CodeLength, DASHES, INVISIBLE, ZEROS};

    fn length(digits: usize) -> CodeLength {
        digits.to_string().parse().unwrap()
    }

    fn separators() -> impl Strategy<Value = Vec<char>> {
        let all: Vec<char> = [" \t\u{A0}\u{2009}", INVISIBLE, DASHES].concat().chars().collect();
        prop::collection::vec(select(all), 0..4)
    }

    fn read(text: &str) -> Option<String> {
        let code = ActivationCode::parse(text, length(4)).ok()?;
        Some(code.expose().to_owned())
    }

    #[test]
    fn a_code_has_four_to_eight_digits() {
        for digits in 4..=8 {
            let code = ActivationCode::generate(length(digits));
            assert_eq!(code.expose().len(), digits);
        }
        for text in ["", "0", "3", "9", "255", "260", "-4", "4.0", "４"] {
            assert!(text.parse::<CodeLength>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_digit_appears_in_every_place() {
        let codes = (0..1000).map(|_| ActivationCode::generate(length(4)));
        let seen: HashSet<(usize, char)> =
            codes.flat_map(|code| code.expose().char_indices().collect::<Vec<_>>()).collect();
        // A digit is missing by chance once in 10^44 runs. This covers leading zeros.
        assert_eq!(seen.len(), 40);
    }

    #[test]
    fn a_code_may_be_typed_with_separators() {
        for text in ["0427", " 04 27\n", "04-27", "0-4-2-7", "04\u{2013}27", "\u{200B}04\u{A0}27"] {
            assert_eq!(read(text).as_deref(), Some("0427"), "{text:?}");
        }
    }

    #[test]
    fn a_code_may_be_typed_in_another_script() {
        for text in ["٠٤٢٧", "۰۴۲۷", "०४२७", "０４２７", "𝟎𝟒𝟐𝟕", "0٤२７"]
        {
            assert_eq!(read(text).as_deref(), Some("0427"), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_refused() {
        let without_end = " ".repeat(61) + "0427";
        for text in ["", "042", "04270", "042a", "04.27", "²427", "Ⅳ427", "+0427", &without_end]
        {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read(&without_end[1..]).as_deref(), Some("0427"));
    }

    #[test]
    fn a_code_cannot_be_printed() {
        let code = ActivationCode::parse("0427", length(4));
        assert_eq!(format!("{code:?}"), "Ok(ActivationCode(******))");
    }

    #[test]
    fn a_refusal_tells_how_many_digits_are_expected() {
        let refusal = ActivationCode::parse("0427", length(6)).unwrap_err();
        assert_eq!(refusal.to_string(), "enter the 6 digits of the code from the email");
    }

    #[test]
    fn the_zeros_are_sorted_and_ten_apart() {
        assert!(ZEROS.is_sorted_by(|a, b| a + 10 <= *b));
        // A mistyped zero is unlikely to be followed by nine more digits.
        assert!(ZEROS.iter().all(|zero| {
            (0..10).all(|digit| char::from_u32(zero + digit).is_some_and(char::is_numeric))
        }));
    }

    proptest! {
        #[test]
        fn a_code_survives_separators_and_other_scripts(
            digits in prop::collection::vec((0..10u32, select(&ZEROS[..]), separators()), 4..=8)
        ) {
            let plain: String = digits.iter().map(|(digit, ..)| digit.to_string()).collect();
            let mut typed = String::new();
            for (digit, zero, gap) in &digits {
                typed.extend(gap.iter().copied().chain(char::from_u32(zero + digit)));
            }
            let length = length(digits.len());

            let read = ActivationCode::parse(&typed, length).unwrap();
            prop_assert_eq!(read.expose(), plain);
        }

        #[test]
        fn a_drawn_code_reads_as_itself(digits in 4..=8usize) {
            let code = ActivationCode::generate(length(digits));
            let read = ActivationCode::parse(code.expose(), length(digits)).unwrap();
            prop_assert_eq!(read.expose(), code.expose());
        }
    }
}
