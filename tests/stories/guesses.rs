//! Right codes, wrong codes, and text that is not a code.

use shared::testing::Answer;
use world::{Person, World};

/// What a person gets for a code that was never mailed.
async fn guesses_wrong(person: &Person<'_>) -> Answer {
    person.activates_with(&person.world.wrong_code()).await
}

#[track_caller]
fn leaves(answer: &Answer, attempts_left: u32) {
    assert_eq!(answer.is_problem(403, "code-incorrect")["attempts_left"], attempts_left);
}

/// Nothing was activated, and this much was noted of guesses.
async fn nothing_happened_but(person: &Person<'_>, on_codes: i64, paid: i64, mails: usize) {
    let world = person.world;
    person.is_still_pending().await;
    assert_eq!(world.active_accounts().await, 0);
    assert_eq!(world.audit_entries().await, 0);
    assert_eq!(world.used_codes().await, 0);
    assert_eq!(world.counted_on_codes().await, on_codes, "on the codes");
    assert_eq!(world.paid_by("ada@example.com").await, paid, "of the address");
    assert_eq!(world.ses.mails().len(), mails, "mails");
}

#[tokio::test]
async fn a_code_used_twice_activates_once() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    let code = ada.mailed_code();

    let first = ada.activates_with(&code).await;
    let second = ada.activates_with(&code).await;

    assert_eq!(first.is(200), second.is(200));
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!(world.audit_entries().await, 1);
    assert_eq!(world.paid_by("ada@example.com").await, 0);
    assert_eq!(ada.mails().len(), 1);
}

#[tokio::test]
async fn a_code_that_was_used_activates_no_other_attempt() {
    let world = World::with(&[("CODE_LENGTH", "8")]).await;
    let ada = world.signs_up("ada@example.com").await;
    let code = ada.mailed_code();
    let again = world.signs_up("ada@example.com").await;

    ada.activates_with(&code).await.is(200);

    leaves(&again.activates_with(&code).await, 2);
    again.is_still_pending().await;
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!(world.paid_by("ada@example.com").await, 1);
}

#[tokio::test]
async fn a_code_from_before_a_resend_lives_out_its_minute() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    let older = ada.mailed_code();
    world.time_passes(31.0).await;

    let accepted = ada.resends().await;

    assert_eq!(accepted.is(202)["expires_in"], 60);
    assert_eq!(accepted.body["registration"].as_str(), ada.registration.as_deref());
    nothing_happened_but(&ada, 0, 0, 2).await;
    ada.activates_with(&older).await.is(200);
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test]
async fn every_code_has_a_deadline_of_its_own() {
    let world = World::with(&[("CODE_LENGTH", "8")]).await;
    let ada = world.signs_up("ada@example.com").await;
    let older = ada.mailed_code();
    world.time_passes(31.0).await;
    ada.resends().await.is(202);
    // The older one is 61 seconds old, the newer one 30.
    world.time_passes(30.0).await;

    leaves(&ada.activates_with(&older).await, 2);
    nothing_happened_but(&ada, 1, 1, 2).await;
    world.time_passes(28.0).await;
    ada.activates_with(&ada.mailed_code()).await.is(200);
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test]
async fn a_code_takes_three_wrong_guesses() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    for attempts_left in [2, 1, 0] {
        leaves(&guesses_wrong(&ada).await, attempts_left);
    }
    let rows = world.all_rows().await;

    for code in [world.wrong_code(), ada.mailed_code()] {
        let exhausted = ada.activates_with(&code).await;
        let resend_in = exhausted.is_problem(410, "code-exhausted")["resend_in"].as_u64();
        assert!(resend_in.is_some_and(|seconds| (20..=30).contains(&seconds)), "{resend_in:?}");
    }

    nothing_happened_but(&ada, 3, 3, 1).await;
    let noted = |rows: &str| rows.split("\nlimits").next().map(str::to_owned);
    assert_eq!(noted(&world.all_rows().await), noted(&rows));
}

#[tokio::test]
async fn after_its_minute_an_exhausted_code_is_just_expired() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    for _ in 0..3 {
        guesses_wrong(&ada).await.is(403);
    }
    world.time_passes(61.0).await;

    for code in [world.wrong_code(), ada.mailed_code()] {
        let expired = ada.activates_with(&code).await;
        assert_eq!(expired.is_problem(410, "code-expired")["resend_in"], 0);
    }
    nothing_happened_but(&ada, 3, 3, 1).await;
}

#[tokio::test]
async fn a_new_code_after_an_exhausted_one_has_three_guesses_of_its_own() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    for _ in 0..3 {
        guesses_wrong(&ada).await.is(403);
    }
    ada.resends().await.is_problem(429, "too-many-requests");
    world.time_passes(31.0).await;
    ada.resends().await.is(202);

    for attempts_left in [2, 1, 0] {
        leaves(&guesses_wrong(&ada).await, attempts_left);
    }
    guesses_wrong(&ada).await.is_problem(410, "code-exhausted");
    nothing_happened_but(&ada, 6, 6, 2).await;

    world.time_passes(31.0).await;
    ada.resends().await.is(202);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    assert_eq!(world.paid_by("ada@example.com").await, 6, "a right guess is free");
}

#[tokio::test]
async fn a_wrong_guess_counts_on_every_live_code_and_costs_as_many() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    world.time_passes(31.0).await;
    ada.resends().await.is(202);

    leaves(&guesses_wrong(&ada).await, 2);
    nothing_happened_but(&ada, 2, 2, 2).await;

    // The older code is gone, the newer one has counted the guess.
    world.time_passes(30.0).await;
    leaves(&guesses_wrong(&ada).await, 1);
    nothing_happened_but(&ada, 3, 3, 2).await;
}

#[tokio::test]
async fn text_that_cannot_be_a_code_costs_no_guess() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    for text in ["", "   ", "042", "04270", "abcd", "04.27", "+042", "0x42", "-1"] {
        let refused = ada.activates_with(text).await;
        let errors = &refused.is_problem(422, "invalid-input")["errors"];
        assert_eq!(errors[0]["pointer"], "/code", "{text:?}");
        assert_eq!(errors.as_array().map(Vec::len), Some(1));
    }
    // Its shape is judged before any attempt, the password included.
    let stranger = ada.clone().with_password("not the password");
    stranger.activates_with("abcd").await.is_problem(422, "invalid-input");

    nothing_happened_but(&ada, 0, 0, 1).await;
    leaves(&guesses_wrong(&ada).await, 2);
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

#[tokio::test]
async fn a_code_may_be_typed_as_people_and_phones_type() {
    let shifted = |code: &str, zero: char| -> String {
        let digit = |c: char| char::from_u32(u32::from(c) - u32::from('0') + u32::from(zero));
        code.chars().filter_map(digit).collect()
    };
    let spellings: [&dyn Fn(&str) -> String; 5] = [
        &|code| format!(" {} {}\n", &code[..2], &code[2..]),
        &|code| format!("{}-{}", &code[..1], &code[1..]),
        &|code| format!("{}\u{2011}{}", &code[..3], &code[3..]),
        &|code| shifted(code, '\u{ff10}'),
        &|code| shifted(code, '\u{660}'),
    ];
    let world = World::new().await;
    for (number, spelled) in spellings.iter().enumerate() {
        let person = world.signs_up(&format!("person{number}@example.com")).await;
        let typed = spelled(&person.mailed_code());
        assert_ne!(typed, person.mailed_code());

        // A wrong code in that spelling is a guess like any other.
        leaves(&person.activates_with(&spelled(&world.wrong_code())).await, 2);
        person.activates_with(&typed).await.is(200);
    }
    assert_eq!(world.active_accounts().await, 5);
}

#[tokio::test]
async fn a_wrong_password_costs_no_guess() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    let stranger = ada.clone().with_password("not the password");
    for code in [ada.mailed_code(), world.wrong_code()] {
        for stranger in [stranger.clone(), stranger.clone().unnamed()] {
            let refused = stranger.activates_with(&code).await;
            let body = refused.is_problem(401, "invalid-credentials");
            assert!(body["attempts_left"].is_null() && body["resend_in"].is_null());
        }
    }
    nothing_happened_but(&ada, 0, 0, 1).await;

    leaves(&guesses_wrong(&ada).await, 2);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test]
async fn expired_comes_before_exhausted_and_exhausted_before_too_many() {
    let world = World::with(&[
        ("ADDRESS_GUESSES_PER_DAY", "1"),
        ("CODE_GUESSES", "2"),
        ("NETWORK_GUESSES_PER_HOUR", "2"),
    ])
    .await;
    let ada = world.signs_up("ada@example.com").await;
    // One of the address, one of the attempt's own: code, address and network are used up.
    leaves(&guesses_wrong(&ada).await, 1);
    leaves(&guesses_wrong(&ada).await, 0);
    guesses_wrong(&ada).await.is_problem(410, "code-exhausted");

    // Between an exhausted code and a live one, the live one counts.
    world.time_passes(31.0).await;
    ada.resends().await.is(202);
    ada.activates_with(&ada.mailed_code()).await.is_problem(429, "too-many-requests");
    nothing_happened_but(&ada, 2, 1, 2).await;

    world.time_passes(61.0).await;
    ada.activates_with(&ada.mailed_code()).await.is_problem(410, "code-expired");
    nothing_happened_but(&ada, 2, 1, 2).await;
}
