//! What the pages say of the settings.

use shared::testing::Payload;

use crate::{assets_in, french_event, get, header, site, site_with, text};

#[tokio::test]
async fn pages_show_whose_site_it_is() {
    let plain = get("/").send_to(&site(), Payload::Http).await;
    let logo = "data:image/png;base64,iVBORw0KGgo=";
    let brand = site_with(&[
        ("SITE_NAME", "Bücher & \"Söhne\" @WITHIN@"),
        ("LOGO_URL", logo),
        ("ACCENT_COLOR", "#b3211f"),
        ("HOME_URL", "https://example.com/start?a=1&b=2"),
        ("SUPPORT_URL", "mailto:help@example.com"),
    ]);
    let brand = brand.expect("the settings are right");
    let page = get("/").send_to(&brand, Payload::Http).await;
    let name = "Bücher &amp; &quot;Söhne&quot; @WITHIN@";
    for shown in [
        format!("<title>Create your account · {name}</title>"),
        format!("<img src=\"{logo}\" alt=\"\" width=\"32\" height=\"32\"><span>{name}</span>"),
        "href=\"https://example.com/start?a=1&amp;b=2\"".to_owned(),
        "data-home=\"https://example.com/start?a=1&amp;b=2\"".to_owned(),
        "href=\"mailto:help@example.com\"".to_owned(),
    ] {
        assert!(text(&page).contains(&shown), "{shown}");
    }
    assert!(text(&plain).contains("<title>Create your account · registration.example</title>"));
    assert!(!text(&plain).contains("Help") && text(&plain).contains("data-home=\"\""));
    assert_ne!(header(&plain, "etag"), header(&page, "etag"));
    let style = assets_in(text(&page)).into_iter().find(|path| path.contains("/brand-"));
    let style = get(&style.expect("a style")).send_to(&brand, Payload::Http).await;
    assert!(text(&style).starts_with(":root{--accent:#b3211f;"), "{}", text(&style));
}

#[tokio::test]
async fn the_pages_know_the_settings_of_the_functions_that_judge() {
    let settings =
        [("CODE_LENGTH", "6"), ("CODE_LIFETIME_SECONDS", "120"), ("PASSWORD_MIN_LENGTH", "12")];
    let other = site_with(&settings).expect("they are right");
    let ours = get("/").send_to(&site(), Payload::Http).await;
    let theirs = get("/").send_to(&other, Payload::Http).await;
    assert!(text(&theirs).contains("data-length=\"6\""));
    for words in ["a 6-digit code", "within 2 minutes", "6-digit code", "At least 12 characters"] {
        assert!(text(&theirs).contains(words), "{words}");
    }
    let french = french_event().send_to(&other, Payload::Http).await;
    for mots in ["un code à 6", "dans les 2 minutes", "Code à 6\u{a0}chiffres", "Au moins 12"] {
        assert!(text(&french).contains(mots), "{mots}");
    }
    assert_ne!(header(&ours, "etag"), header(&theirs, "etag"));
    for wrong in ["3", "9", "four"] {
        let refused = site_with(&[("CODE_LENGTH", wrong)]).err().expect("it is wrong");
        assert_eq!(refused.to_string(), "CODE_LENGTH must be a number from 4 to 8");
    }
}
