//! Addresses and passwords: taken, refused, and carried by HTTP Basic.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use shared::testing::Event;
use world::{PASSWORD, World, basic, sign_up_body};

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn an_address_is_known_in_one_spelling() {
    let (local, domain) = ("l".repeat(64), format!("{}.example.com", "d".repeat(63)));
    let longest_local = format!("{local}@example.com");
    let longest = format!("{local}@{}.{}.{domain}", "a".repeat(63), "b".repeat(49));
    assert_eq!(longest.len(), 254);
    for (typed, email, description) in [
        ("Ada.Lovelace@EXAMPLE.com", "ada.lovelace@example.com", "capitals"),
        (" \tada@example.com\n ", ADA, "spaces around"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example", "an international domain"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example", "in capitals"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example", "as an A-label"),
        ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example", "decomposed"),
        ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah", "with the dot of Japanese"),
        ("ada+news@example.com", "ada+news@example.com", "a tag"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", "every sign"),
        (longest_local.as_str(), longest_local.as_str(), "64 characters before the @"),
        (longest.as_str(), longest.as_str(), "254 in all"),
    ] {
        let world = World::new().await;
        let mut person = world.person(typed);
        assert_eq!(person.signs_up().await.is(202)["email"], email, "{description}");
        let mails = world.ses.mails();
        assert_eq!((mails.len(), mails[0].to.as_str()), (1, email), "{description}");
        // Basic forbids control characters, so they cannot surround the address there.
        person.email = person.email.replace(['\t', '\n'], " ");
        person.resends().await.is_problem(429, "too-many-requests");
        email.clone_into(&mut person.email);
        let activated = person.activates_with(&mails[0].code().unwrap()).await;
        assert_eq!(activated.is(200)["email"], email, "{description}");
    }
}

#[tokio::test]
async fn an_address_that_we_cannot_write_to_is_refused_precisely() {
    let world = World::on_the_wire(&[]).await;
    let long_local = format!("{}@example.com", "l".repeat(65));
    let long = format!("a@{0}.{0}.{0}.{1}.com", "d".repeat(63), "e".repeat(57));
    assert_eq!(long.len(), 255);
    let (rows, statements) = (world.all_rows().await, world.traffic().statements);
    for (email, code) in [
        ("", "not-an-address"),
        ("ada", "not-an-address"),
        ("@example.com", "not-an-address"),
        ("ada@", "not-an-address"),
        ("\"ada lovelace\"@example.com", "quoted-local-part"),
        ("\"a@b\"@example.com", "quoted-local-part"),
        ("ada@[192.0.2.1]", "address-literal"),
        ("ada@[IPv6:2001:db8::1]", "address-literal"),
        ("ada@192.0.2.1", "address-literal"),
        ("adà@example.com", "local-part-not-ascii"),
        ("a\u{212a}a@example.com", "local-part-not-ascii"),
        (".ada@example.com", "local-part-dots"),
        ("ada.@example.com", "local-part-dots"),
        ("a..a@example.com", "local-part-dots"),
        ("a da@example.com", "local-part-invalid"),
        ("a:da@example.com", "local-part-invalid"),
        ("ada@b@example.com", "local-part-invalid"),
        ("Ada <ada@example.com>", "local-part-invalid"),
        ("ada@localhost", "domain-incomplete"),
        ("ada@example..com", "domain-invalid"),
        ("ada@-example.com", "domain-invalid"),
        ("ada@exa mple.com", "domain-invalid"),
        ("ada@example.com\r\nBcc: eve@example.com", "local-part-invalid"),
        (long_local.as_str(), "local-part-too-long"),
        (long.as_str(), "too-long"),
    ] {
        refuses(&world, email, PASSWORD, ("/email", code)).await;
    }
    assert_eq!((world.all_rows().await, world.ses.asked()), (rows, 0));
    assert_eq!(world.traffic().statements, statements);
}

#[tokio::test]
async fn a_password_is_the_same_however_it_is_typed() {
    let (longest, emoji) = ("p".repeat(256), "\u{1F511}".repeat(256));
    let nfd = "e\u{301}".repeat(256);
    let (composed, decomposed) =
        ("naïve café de Zürich", "nai\u{308}ve cafe\u{301} de Zu\u{308}rich");
    for (signed_up, typed, description) in [
        (decomposed, composed, "decomposed, then composed"),
        (composed, decomposed, "composed, then decomposed"),
        ("correct:horse::battery:", "correct:horse::battery:", "colons"),
        ("🔑🐎🔋📎✅🚀🎉👩‍🚀", "🔑🐎🔋📎✅🚀🎉👩‍🚀", "emoji"),
        (" spaces around ", " spaces around ", "spaces, which count"),
        ("8 chars!", "8 chars!", "8 characters"),
        (&longest, &longest, "256 characters"),
        (&emoji, &emoji, "256 characters of four octets"),
        (&nfd, &nfd, "256 characters, typed as 512"),
        ("\"\\/\u{e000}\u{200b}quoted", "\"\\/\u{e000}\u{200b}quoted", "what JSON escapes"),
    ] {
        let world = World::new().await;
        let ada = world.person(ADA).with_password(signed_up);
        ada.clone().signs_up().await.is(202);
        let code = ada.mailed_code();
        let near = ada.clone().with_password(&format!("{typed}!"));
        assert_eq!(near.activates_with(&code).await.status, 401, "{description}");
        let activated = ada.with_password(typed).activates_with(&code).await;
        assert_eq!(activated.status, 200, "{description}");
    }
}

#[tokio::test]
async fn a_password_that_is_easily_guessed_or_cannot_travel_is_refused() {
    let world = World::on_the_wire(&[]).await;
    let (rows, statements) = (world.all_rows().await, world.traffic().statements);
    let (too_long, emoji) = ("p".repeat(257), "\u{1F511}".repeat(257));
    for (password, code) in [
        ("", "too-short"),
        ("7 chars", "too-short"),
        ("🔑🔑🔑🔑🔑🔑🔑", "too-short"),
        ("e\u{301}e\u{301}e\u{301}e\u{301}", "too-short"),
        (&too_long, "too-long"),
        (&emoji, "too-long"),
        ("correct\thorse", "control-character"),
        ("correct horse\n", "control-character"),
        ("correct\u{7f}horse", "control-character"),
        ("correct\u{85}horse", "control-character"),
        ("password", "too-common"),
        ("PassWord1", "too-common"),
        ("ILOVEYOU", "too-common"),
        ("ada@example.com", "contains-address"),
        ("ADA@Example.Com", "contains-address"),
        ("example.com1", "contains-address"),
        ("2026example", "contains-address"),
    ] {
        refuses(&world, ADA, password, ("/password", code)).await;
    }
    assert_eq!((world.all_rows().await, world.ses.asked()), (rows, 0));
    assert_eq!(world.traffic().statements, statements);

    let world = World::with(&[("PASSWORD_MIN_LENGTH", "12")]).await;
    refuses(&world, ADA, "elevenchars", ("/password", "too-short")).await;
    world.person(ADA).with_password("twelve chars").signs_up().await.is(202);
}

async fn refuses(world: &World, email: &str, password: &str, (pointer, code): (&str, &str)) {
    let event = Event::new("POST", "/register").json(&sign_up_body(email, password));
    let refused = world.send(&event).await;
    let errors = refused.is_problem(422, "invalid-input")["errors"].as_array().expect("errors");
    let [error] = &errors[..] else { panic!("{email:?} {password:?}: {errors:?}") };
    assert_eq!(
        (&error["pointer"], &error["code"]),
        (&pointer.into(), &code.into()),
        "{email:?} {password:?}"
    );
    assert!(!refused.body.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn basic_that_cannot_be_read_is_answered_like_a_wrong_one_and_costs_nothing() {
    let world = World::on_the_wire(&[]).await;
    let ada = world.signs_up(ADA).await;
    let encoded = STANDARD.encode(format!("{ADA}:{PASSWORD}"));
    assert!(encoded.ends_with('='), "so that the padding can be left out");
    let b64 = |bytes: &[u8]| format!("Basic {}", STANDARD.encode(bytes));
    let (rows, statements) = (world.all_rows().await, world.traffic().statements);
    for (header, description) in [
        (None, "nothing"),
        (Some(String::new()), "empty"),
        (Some("Basic".to_owned()), "the scheme alone"),
        (Some("Basic ".to_owned()), "and a space"),
        (Some(format!("Basic{encoded}")), "no space"),
        (Some(format!("Basic\t{encoded}")), "a tab"),
        (Some(format!("Bearer {encoded}")), "another scheme"),
        (Some(encoded.clone()), "no scheme"),
        (Some(format!("Basic {ADA}:{PASSWORD}")), "not encoded"),
        (Some(format!("Basic {encoded}!")), "signs that are not Base64"),
        (Some(format!("Basic {encoded} ")), "a space after it"),
        (Some(format!("Basic {encoded}, Basic {encoded}")), "twice"),
        (Some(format!("Basic {}", encoded.trim_end_matches('='))), "no padding"),
        (Some(format!("Basic {encoded}====")), "too much padding"),
        (Some(b64(ADA.as_bytes())), "no colon"),
        (Some(b64(b":")), "a colon alone"),
        (Some(b64(format!(":{PASSWORD}").as_bytes())), "no address"),
        (Some(b64(format!("{ADA}:").as_bytes())), "no password"),
        (Some(b64(b"ada@example.com:caf\xe9 horse battery")), "Latin-1"),
        (Some(b64(format!("{ADA}:{PASSWORD}\0").as_bytes())), "NUL"),
        (Some(b64(format!("{ADA}:{PASSWORD}\n").as_bytes())), "a line break"),
        (Some(b64(format!("{ADA}\x7f:{PASSWORD}").as_bytes())), "DEL"),
        (Some(b64(format!("ada:{PASSWORD}").as_bytes())), "no address before the colon"),
        (Some(b64(format!("{ADA}:{}", "p".repeat(6200)).as_bytes())), "too long"),
    ] {
        for path in ["/activate", "/resend"] {
            let body = json!({ "code": "0000", "registration": ada.registration });
            let mut event = Event::new("POST", path).json(&body);
            if let Some(header) = &header {
                event = event.header("authorization", header);
            }
            let answer = world.send(&event).await;
            assert_eq!(answer.status, 401, "{description}");
            let challenge = answer.header("www-authenticate").unwrap();
            assert_eq!(
                challenge, r#"Basic realm="registration", charset="UTF-8""#,
                "{description}"
            );
        }
    }
    assert_eq!(world.traffic().statements, statements);
    assert_eq!((world.all_rows().await, world.ses.asked()), (rows, 1));

    for header in [basic(ADA, PASSWORD), format!("bAsIC   {encoded}")] {
        let body = json!({ "registration": ada.registration });
        let event = Event::new("POST", "/resend").json(&body).header("authorization", &header);
        world.send(&event).await.is_problem(429, "too-many-requests");
    }
}
