//! The accent colour of pages and emails: what a site chooses, made readable in both schemes.

use std::{fmt, str::FromStr};

/// A colour of sRGB. It prints as CSS writes it: `#3d4fd6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color([u8; 3]);

/// The accent in both schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    pub light: Scheme,
    pub dark: Scheme,
}

/// The accent in one scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// The area of a button, and other things that need no reading.
    pub fill: Color,
    /// The same under a pointer.
    pub fill_hover: Color,
    /// Text on either of them.
    pub ink: Color,
    /// Links, and the ring around what has the focus.
    pub text: Color,
    /// A breath of the colour, behind what stands out, such as a code.
    pub wash: Color,
}

/// The text is not a colour that can be the accent.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidAccent {
    #[error("must be a colour such as #3d4fd6")]
    NotAColor,
    #[error(
        "must have a contrast of 3:1 with white, and {color} has {ratio:.1}: {darker} would do"
    )]
    TooPale {
        color: Color,
        /// Rounded down, so that it never looks as if it sufficed.
        ratio: f64,
        /// The next darker colour that suffices.
        darker: Color,
    },
}

const WHITE: Color = Color([0xff; 3]);
const BLACK: Color = Color([0; 3]);
/// Almost black, with the tint of our dark scheme.
const NIGHT: Color = Color([0x10, 0x14, 0x2e]);

/// What lies behind an accent, as the style sheet and the emails say it: a card, and the page.
const LIGHT_GROUNDS: [Color; 2] = [WHITE, Color([0xf3, 0xf4, 0xf9])];
const DARK_GROUNDS: [Color; 2] = [Color([0x18, 0x1b, 0x27]), Color([0x0e, 0x10, 0x18])];

/// WCAG 2.2, 1.4.11: what must be seen, such as the area of a button.
const SEEN: f64 = 3.0;
/// WCAG 2.2, 1.4.3: what must be read.
const READ: f64 = 4.5;
/// WCAG 2.2, 1.4.6. Thin coloured text on a dark ground needs more than the minimum to look as clear.
const READ_IN_THE_DARK: f64 = 7.0;

/// How far a pointer moves the colour of a button, in steps of 1/255.
const HOVER: u8 = 36;

impl Accent {
    /// Only the light scheme can refuse: there, buttons have the very colour that the site chose.
    pub fn of(color: Color) -> Result<Self, InvalidAccent> {
        let ratio = color.contrast(WHITE);
        if ratio < SEEN {
            let darker = color.darker_until(|darker| darker.contrast(WHITE) >= SEEN);
            let ratio = (ratio * 10.0).floor() / 10.0;
            return Err(InvalidAccent::TooPale { color, ratio, darker });
        }
        let on_light = |text: Color| LIGHT_GROUNDS.iter().all(|it| text.contrast(*it) >= READ);
        let on_dark =
            |text: Color| DARK_GROUNDS.iter().all(|it| text.contrast(*it) >= READ_IN_THE_DARK);
        let lighter = color.lighter_until(on_dark);
        Ok(Self {
            light: Scheme::of(color, color.darker_until(on_light), LIGHT_GROUNDS[0]),
            dark: Scheme::of(lighter, lighter, DARK_GROUNDS[0]),
        })
    }
}

impl FromStr for Accent {
    type Err = InvalidAccent;

    fn from_str(text: &str) -> Result<Self, InvalidAccent> {
        Self::of(text.parse()?)
    }
}

impl Scheme {
    fn of(fill: Color, text: Color, card: Color) -> Self {
        // Black has 4.5:1 with whatever white has not.
        let mut inks = [WHITE, NIGHT].into_iter();
        let ink = inks.find(|ink| fill.contrast(*ink) >= READ).unwrap_or(BLACK);
        // Away from the ink, so that the text on it stays readable.
        let fill_hover = if ink == WHITE { fill.darker(HOVER) } else { fill.lighter(HOVER.into()) };
        Self { fill, fill_hover, ink, text, wash: card.tinted(fill) }
    }
}

impl Color {
    /// The ratio of contrast (WCAG 2.2): 1 for equal colours, 21 for black and white.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// A few steps of 255 towards black. The hue stays.
    fn darker(self, steps: u8) -> Self {
        self.map(|channel| channel * (255 - u32::from(steps)) / 255)
    }

    /// A few steps towards white: first as bright as the hue can be, so that it stays vivid, then paler.
    fn lighter(self, steps: u32) -> Self {
        let brightest = u32::from(*self.0.iter().max().expect("there are three"));
        let brighter = steps.min(255 - brightest);
        let paler = (steps - brighter).min(255);
        self.map(|channel| {
            let vivid = (channel * (brightest + brighter)).checked_div(brightest);
            let vivid = vivid.unwrap_or(brighter);
            vivid + (255 - vivid) * paler / 255
        })
    }

    /// With a tenth of another colour.
    fn tinted(self, other: Self) -> Self {
        let [[r, g, b], [red, green, blue]] = [self.0, other.0].map(|it| it.map(u16::from));
        let mixed = |one, other| u8::try_from((9 * one + other) / 10).unwrap_or(u8::MAX);
        Self([mixed(r, red), mixed(g, green), mixed(b, blue)])
    }

    fn darker_until(self, suffices: impl Fn(Self) -> bool) -> Self {
        let mut steps = (0..=255).map(|steps| self.darker(steps));
        steps.find(|color| suffices(*color)).unwrap_or(BLACK)
    }

    fn lighter_until(self, suffices: impl Fn(Self) -> bool) -> Self {
        let mut steps = (0..=510).map(|steps| self.lighter(steps));
        steps.find(|color| suffices(*color)).unwrap_or(WHITE)
    }

    fn map(self, change: impl Fn(u32) -> u32) -> Self {
        Self(self.0.map(|channel| u8::try_from(change(channel.into())).unwrap_or(u8::MAX)))
    }
}

impl FromStr for Color {
    type Err = InvalidAccent;

    fn from_str(text: &str) -> Result<Self, InvalidAccent> {
        let digits = text.strip_prefix('#').filter(|digits| {
            digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, channels @ ..] = number.ok_or(InvalidAccent::NotAColor)?.to_be_bytes();
        Ok(Self(channels))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(scheme: Scheme) -> [String; 5] {
        let Scheme { fill, fill_hover, ink, text, wash } = scheme;
        [fill, fill_hover, ink, text, wash].map(|color| color.to_string())
    }

    #[test]
    fn the_default_looks_as_it_was_drawn() {
        let Accent { light, dark } = "#3d4fd6".parse().unwrap();
        assert_eq!(written(light), ["#3d4fd6", "#3443b7", "#ffffff", "#3d4fd6", "#ebedfa"]);
        assert_eq!(written(dark), ["#919fff", "#a0acff", "#10142e", "#919fff", "#24283c"]);
    }

    #[test]
    fn contrast_is_what_wcag_says() {
        let ratio = |one: &str, other: &str| {
            let (one, other): (Color, Color) = (one.parse().unwrap(), other.parse().unwrap());
            (one.contrast(other) * 100.0).round() / 100.0
        };
        // The examples of WebAIM's contrast checker.
        for (one, other, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#777777", "#ffffff", 4.48),
            ("#0000ff", "#ffffff", 8.59),
            ("#ff0000", "#ffffff", 4.0),
        ] {
            assert!((ratio(one, other) - expected).abs() < 0.005, "{one} {other}");
            assert!((ratio(one, other) - ratio(other, one)).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn a_pale_color_is_refused_with_one_that_would_do() {
        let refused = "#ffd400".parse::<Accent>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "must have a contrast of 3:1 with white, and #ffd400 has 1.4: #b09200 would do"
        );
    }

    #[test]
    fn only_six_digits_are_a_color() {
        for text in ["", "#", "3d4fd6", "#3d4fd", "#3d4fd60", "#3d4fdg", "#+d4fd6", "#fff", "blue"]
        {
            assert_eq!(text.parse::<Accent>(), Err(InvalidAccent::NotAColor), "{text}");
        }
        assert_eq!("#3D4FD6".parse::<Accent>(), "#3d4fd6".parse());
    }

    fn colors() -> impl Strategy<Value = Color> {
        any::<[u8; 3]>().prop_map(Color)
    }

    proptest! {
        #[test]
        fn an_accepted_color_can_be_seen_and_read_everywhere(color in colors()) {
            if let Ok(Accent { light, dark }) = Accent::of(color) {
                prop_assert_eq!(light.fill, color);
                for scheme in [light, dark] {
                    prop_assert!(scheme.ink.contrast(scheme.fill) >= READ);
                    prop_assert!(scheme.ink.contrast(scheme.fill_hover) >= READ);
                }
                prop_assert!(light.fill.contrast(WHITE) >= SEEN);
                // The text on a wash has the ink of the card.
                prop_assert!(Color([0x17, 0x1a, 0x2b]).contrast(light.wash) >= READ_IN_THE_DARK);
                prop_assert!(Color([0xec, 0xee, 0xf8]).contrast(dark.wash) >= READ_IN_THE_DARK);
                for ground in LIGHT_GROUNDS {
                    prop_assert!(light.text.contrast(ground) >= READ);
                }
                for ground in DARK_GROUNDS {
                    prop_assert!(dark.text.contrast(ground) >= READ);
                    prop_assert!(dark.fill.contrast(ground) >= READ);
                }
            }
        }

        #[test]
        fn a_refused_color_comes_with_one_that_is_accepted(color in colors()) {
            if let Err(refused) = Accent::of(color) {
                let text = refused.to_string();
                let (_, rest) = text.rsplit_once(": ").unwrap();
                let named = rest.strip_suffix(" would do").unwrap();
                prop_assert!(named.parse::<Accent>().is_ok(), "{}", text);
            }
        }

        #[test]
        fn a_color_is_read_as_it_is_written(color in colors()) {
            prop_assert_eq!(color.to_string().parse::<Color>(), Ok(color));
        }
    }
}
