//! Two people, one address: only the one who reads the mail and knows the attempt's password wins.

use shared::testing::Answer;
use world::{Person, World, count};

const ADA: &str = "ada@example.com";

/// Long codes, so that none is like another by chance.
const LONG_CODES: (&str, &str) = ("CODE_LENGTH", "8");

/// The owner's attempt and code, then the rival's: the same address, another password.
async fn rivals(world: &World) -> [(Person<'_>, String); 2] {
    let ada = world.signs_up(ADA).await;
    let code = ada.mailed_code();
    let mut rival = world.person(ADA).with_password("the rival's password").from_ip("198.51.100.9");
    rival.signs_up().await.is(202);
    let other_code = rival.mailed_code();
    [(ada, code), (rival, other_code)]
}

#[track_caller]
fn leaves(answer: &Answer, attempts_left: u32) {
    assert_eq!(answer.is_problem(403, "code-incorrect")["attempts_left"], attempts_left);
}

#[tokio::test]
async fn a_code_activates_only_with_the_password_it_was_asked_for() {
    let world = World::with(&[LONG_CODES]).await;
    let [(ada, code), (rival, rival_code)] = rivals(&world).await;
    assert_eq!(ada.mails().len(), 2);

    leaves(&rival.activates_with(&code).await, 2);
    leaves(&ada.activates_with(&rival_code).await, 2);
    // The other's attempt by its name, and the code alone.
    for (person, other, code) in [(&ada, &rival, &code), (&rival, &ada, &rival_code)] {
        let swapped = person.clone().with_password(&other.password);
        swapped.activates_with(code).await.is_problem(401, "invalid-credentials");
    }
    let wrong = rival.clone().unnamed().activates_with(&code).await;
    wrong.is_problem(401, "invalid-credentials");
    let wrong = ada.clone().unnamed().activates_with(&rival_code).await;
    wrong.is_problem(401, "invalid-credentials");
    ada.is_still_pending().await;
    rival.is_still_pending().await;
    assert_eq!(world.active_accounts().await, 0);
    assert_eq!(world.ses.mails().len(), 2);

    let activated = ada.activates_with(&code).await;
    assert_eq!(activated.is(200)["id"].as_str(), ada.registration.as_deref());
    rival.is_still_pending().await;
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!(world.audit_entries().await, 1);
}

#[tokio::test]
async fn without_a_name_the_code_finds_its_attempt_and_a_right_guess_is_free() {
    let world = World::with(&[LONG_CODES]).await;
    let [(ada, code), (rival, _)] = rivals(&world).await;

    let activated = ada.clone().unnamed().activates_with(&code).await;

    assert_eq!(activated.is(200)["id"].as_str(), ada.registration.as_deref());
    assert_eq!((world.paid_by(ADA).await, world.counted_on_codes().await), (0, 0));
    rival.is_still_pending().await;
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_right_guesses_without_a_name_activate_once_and_get_back_what_they_paid() {
    let world = World::with(&[LONG_CODES, ("ADDRESS_GUESSES_PER_DAY", "100")]).await;
    let [(ada, code), (rival, _)] = rivals(&world).await;
    leaves(&rival.activates_with(&world.wrong_code()).await, 2);
    let networks = (0..30).map(|n| ada.clone().unnamed().from_ip(&format!("203.0.113.{n}")));

    let answers = world.at_once(networks.map(|ada| ada.guess(&code)).collect()).await;

    assert_eq!(count(&answers, 200), 30, "{answers:?}");
    assert_eq!((world.paid_by(ADA).await, world.counted_on_codes().await), (1, 1));
    rival.is_still_pending().await;
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!(world.audit_entries().await, 1);
}

#[tokio::test]
async fn who_lost_can_never_activate_and_cannot_tell_why() {
    let [lost, pending] = [World::with(&[LONG_CODES]).await, World::with(&[LONG_CODES]).await];
    let mut answers = Vec::new();
    for (world, is_lost) in [(&lost, true), (&pending, false)] {
        let [(ada, code), (rival, rival_code)] = rivals(world).await;
        if is_lost {
            ada.activates_with(&code).await.is(200);
        }
        let mut told = Vec::new();
        for _ in 0..4 {
            // Who lost types the right code; who is pending, a wrong one.
            let code = if is_lost { rival_code.clone() } else { world.wrong_code() };
            told.push(rival.activates_with(&code).await);
        }
        world.time_passes(31.0).await;
        told.push(rival.resends().await);
        let note = rival.mails().pop().unwrap();
        assert_eq!(note.code().is_none(), is_lost, "a note instead of a code");
        for _ in 0..3 {
            told.push(rival.activates_with(&world.wrong_code()).await);
        }
        told.push(rival.clone().unnamed().activates_with(&world.wrong_code()).await);
        world.time_passes(61.0).await;
        told.push(rival.activates_with(&rival_code).await);

        // The unnamed guess also paid for Ada's code: used or not, its minute is not over.
        assert_eq!((world.paid_by(ADA).await, rival.mails().len()), (7, 3));
        rival.is_still_pending().await;
        assert_eq!(world.active_accounts().await, i64::from(is_lost));
        answers.push(told);
    }

    let [lost, pending] = answers.as_slice() else { unreachable!() };
    for (lost, pending) in lost.iter().zip(pending) {
        assert_eq!(told(lost), told(pending));
    }
}

#[tokio::test]
async fn the_code_of_an_attempt_that_lost_finds_nothing_any_more() {
    let world = World::with(&[LONG_CODES]).await;
    let [(ada, code), (rival, rival_code)] = rivals(&world).await;
    let mut newest = rival.clone();
    newest.signs_up().await.is(202);
    ada.activates_with(&code).await.is(200);
    leaves(&newest.activates_with(&world.wrong_code()).await, 2);

    // As for a wrong code, the newest attempt is meant, and counts.
    leaves(&rival.clone().unnamed().activates_with(&rival_code).await, 1);

    leaves(&rival.activates_with(&world.wrong_code()).await, 2);
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!((world.counted_on_codes().await, world.paid_by(ADA).await), (3, 5));
}

/// What an answer tells, but for ids and the time of day.
fn told(answer: &Answer) -> serde_json::Value {
    let mut body = answer.body.clone();
    for name in ["registration", "expires_at", "resend_in"] {
        if let Some(member) = body.get_mut(name) {
            *member = member.is_number().into();
        }
    }
    serde_json::json!([answer.status, body])
}

#[tokio::test]
async fn a_stranger_who_does_all_that_the_limits_allow_blocks_no_one() {
    let world = World::with(&[LONG_CODES]).await;
    let ada = world.signs_up(ADA).await;
    let stranger = world.person(ADA).with_password("a stranger's own").from_ip("198.51.100.7");
    let mut attempts = Vec::new();
    for _ in 0..5 {
        let mut attempt = stranger.clone();
        attempt.signs_up().await.is(202);
        attempts.push(attempt);
    }
    stranger.clone().signs_up().await.is_problem(429, "too-many-requests");

    for attempt in &attempts {
        while attempt.activates_with(&world.wrong_code()).await.status == 403 {}
    }
    assert_eq!(world.paid_by(ADA).await, 10);
    let unnamed = |password: &str| stranger.clone().with_password(password);
    for n in 0..25 {
        let person = unnamed("no password").from_ip(&format!("203.0.113.{n}"));
        person.activates_with(&world.wrong_code()).await.is(401);
        person.resends().await.is(401);
        unnamed(&stranger.password).activates_with(&world.wrong_code()).await;
    }
    world.time_passes(31.0).await;
    for attempt in &attempts {
        attempt.resends().await.is(202);
        attempt.resends().await.is_problem(429, "too-many-requests");
    }

    ada.is_still_pending().await;
    assert_eq!(world.active_accounts().await, 0);
    ada.resends().await.is(202);
    let activated = ada.activates_with(&ada.mailed_code()).await;
    assert_eq!(activated.is(200)["id"].as_str(), ada.registration.as_deref());
    assert_eq!(world.active_accounts().await, 1);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    leaves(&attempts[0].activates_with(&attempts[0].mailed_code()).await, 0);
    assert_eq!(world.active_accounts().await, 1);
}

#[tokio::test]
async fn a_sign_up_for_an_active_account_behaves_like_any_other_and_mails_a_note() {
    let world = World::with(&[LONG_CODES]).await;
    let ada = world.has_account(ADA).await;
    let mut answers = Vec::new();
    for email in [ADA, "unknown@example.com"] {
        let mut stranger =
            world.person(email).with_password("a stranger's own").from_ip("198.51.100.7");
        let mut told = vec![stranger.signs_up().await];
        for person in [stranger.clone(), stranger.clone().unnamed()] {
            told.push(person.activates_with(&world.wrong_code()).await);
        }
        told.push(stranger.resends().await);
        world.time_passes(31.0).await;
        told.push(stranger.resends().await);
        stranger.is_still_pending().await;
        answers.push(told);
        // A mail for the sign-up and one for the resend.
        let notes = stranger.mails().iter().filter(|mail| mail.code().is_none()).count();
        let is_known = email == ADA;
        assert_eq!(stranger.mails().len(), if is_known { 3 } else { 2 });
        assert_eq!(notes, if is_known { 2 } else { 0 });
    }

    let [known, unknown] = answers.as_slice() else { unreachable!() };
    for (known, unknown) in known.iter().zip(unknown) {
        let known = told(known).to_string();
        assert_eq!(known, told(unknown).to_string().replace("unknown@example.com", ADA));
    }
    assert_eq!(known.iter().filter(|answer| answer.status == 202).count(), 2);
    assert_eq!(count(known, 403), 2);
    assert_eq!(world.active_accounts().await, 1);
    ada.activates_with(&ada.mails()[0].code().unwrap()).await.is(200);
}

#[tokio::test]
async fn the_owner_of_an_active_account_is_told_so() {
    let world = World::with(&[LONG_CODES]).await;
    let ada = world.has_account(ADA).await;
    let rows = world.all_rows().await;

    for ada in [ada.clone(), ada.clone().unnamed()] {
        ada.resends().await.is_problem(409, "already-active");
        ada.activates_with(&world.wrong_code()).await.is_problem(409, "already-active");
    }

    let noted = |rows: &str| rows.split("\nlimits").next().map(str::to_owned);
    assert_eq!(noted(&world.all_rows().await), noted(&rows));
    assert_eq!((world.paid_by(ADA).await, ada.mails().len()), (0, 1));
    assert_eq!(world.audit_entries().await, 1);
}
