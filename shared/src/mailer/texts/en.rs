//! English.

use super::{Letter, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "en",
    within: |seconds| match seconds {
        60 => "within one minute".to_owned(),
        seconds if seconds % 60 == 0 => format!("within {} minutes", seconds / 60),
        seconds => format!("within {seconds} seconds"),
    },
    activation: Letter {
        subject: "{code} is your activation code",
        preview: "{code} – enter it {within}.",
        lead: "This is your activation code. Enter it {within}.",
        action: "Open the activation page",
        reason: "You get this mail because somebody signed up with {address}.",
        doubt: "Not you? Without the code nobody gets an account.",
        doubt_action: "Tell us that this wasn't you",
    },
    account_exists: Letter {
        subject: "You already have an account",
        preview: "Somebody signed up with your address again.",
        lead: "Somebody signed up with {address}, which has an account already. \
               Nothing has changed: sign in as always, or ask for a new password.",
        action: "Go to the site",
        reason: "You get this mail because the account belongs to this address.",
        doubt: "Not you?",
        doubt_action: "Tell us that this wasn't you",
    },
};
