//! How often a person may sign up and ask for a new code.

use futures_util::future::join_all;
use world::{Moment, World};

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn a_new_code_may_be_asked_for_thirty_seconds_after_the_last_one() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    let rows = world.all_rows().await;
    let early = ada.resends().await;
    early.is_problem(429, "too-many-requests");
    assert!((29..=30).contains(&early.retry_after()), "{}", early.retry_after());
    assert_eq!(world.all_rows().await, rows);

    world.time_passes_until(Moment::NextMail, -1.0).await;
    let rows = world.all_rows().await;
    let early = ada.resends().await;
    early.is_problem(429, "too-many-requests");
    assert_eq!(early.retry_after(), 1);
    assert_eq!(world.all_rows().await, rows);
    assert_eq!(world.ses.asked(), 1, "no mail but the first");

    world.time_passes_until(Moment::NextMail, 1.0).await;
    let sent = ada.resends().await;
    assert_eq!(sent.is(202)["resend_in"], 30);
    assert_eq!(sent.body["registration"].as_str(), ada.registration.as_deref());
    assert_eq!(ada.mails().len(), 2);
    assert_eq!((world.count("accounts").await, world.count("codes").await), (1, 2));
}

#[tokio::test]
async fn an_attempt_gets_four_mails() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    for mail in 2..=4 {
        world.time_passes(31.0).await;
        let sent = ada.resends().await;
        let resend_in = sent.is(202)["resend_in"].as_u64().unwrap();
        assert_eq!(resend_in > 30, mail == 4, "after the fourth there is none");
    }
    world.time_passes(31.0).await;
    ada.resends().await.is_problem(429, "too-many-requests");

    world.time_passes_until(Moment::AttemptEnds, -1.0).await;
    let rows = world.all_rows().await;
    let refused = ada.resends().await;
    refused.is_problem(429, "too-many-requests");
    assert_eq!(refused.retry_after(), 1);
    assert_eq!(world.all_rows().await, rows);
    assert_eq!((ada.mails().len(), world.ses.asked()), (4, 4));

    world.time_passes_until(Moment::AttemptEnds, 1.0).await;
    ada.resends().await.is(401);
    let mut again = world.person(ADA);
    again.signs_up().await.is(202);
    assert_eq!(ada.mails().len(), 5, "another attempt has mails of its own");
}

#[tokio::test]
async fn an_address_is_signed_up_five_times_a_day_from_one_network() {
    let world = World::new().await;
    let mut ada = world.person(ADA);
    for _ in 0..5 {
        ada.signs_up().await.is(202);
    }
    let rows = world.all_rows().await;
    ada.signs_up().await.is_problem(429, "too-many-requests");
    assert_eq!(
        world.all_rows().await,
        rows,
        "refused by one limit, it takes nothing of the others"
    );

    world.time_passes_until(Moment::PlaceIsFree(5, "24 hours"), -1.0).await;
    let rows = world.all_rows().await;
    let refused = ada.signs_up().await;
    refused.is_problem(429, "too-many-requests");
    assert_eq!(refused.retry_after(), 1);
    assert_eq!(world.all_rows().await, rows);
    assert_eq!(world.ses.asked(), 5);

    let mut elsewhere = world.person(ADA).from_ip("198.51.100.1");
    elsewhere.signs_up().await.is(202);
    world.time_passes_until(Moment::PlaceIsFree(5, "24 hours"), 1.0).await;
    ada.signs_up().await.is(202);
    assert_eq!((ada.mails().len(), world.count("accounts").await), (7, 7));
}

#[tokio::test]
async fn an_address_is_signed_up_ten_times_a_day_from_all_networks() {
    let world = World::new().await;
    let from = |network: u32| world.person(ADA).from_ip(&format!("198.51.100.{network}"));
    for network in 0..10 {
        from(network).signs_up().await.is(202);
    }
    world.time_passes_until(Moment::PlaceIsFree(10, "24 hours"), -1.0).await;
    let rows = world.all_rows().await;
    let refused = from(10).signs_up().await;
    refused.is_problem(429, "too-many-requests");
    assert_eq!(refused.retry_after(), 1);
    assert_eq!(world.all_rows().await, rows);
    assert_eq!(world.ses.asked(), 10);
    world.person("bob@example.com").signs_up().await.is(202);

    world.time_passes_until(Moment::PlaceIsFree(10, "24 hours"), 1.0).await;
    from(11).signs_up().await.is(202);
    assert_eq!(world.mails_to(ADA).len(), 11);
}

#[tokio::test]
async fn a_network_signs_up_sixty_times_an_hour() {
    let world = World::new().await;
    let person = |n: u32| world.person(&format!("person{n}@example.com"));
    for n in 0..60 {
        person(n).signs_up().await.is(202);
    }
    world.time_passes_until(Moment::PlaceIsFree(60, "1 hour"), -1.0).await;
    let rows = world.all_rows().await;
    let refused = person(60).signs_up().await;
    refused.is_problem(429, "too-many-requests");
    assert_eq!(refused.retry_after(), 1);
    assert_eq!(world.all_rows().await, rows);
    person(61).from_ip("198.51.100.1").signs_up().await.is(202);

    world.time_passes_until(Moment::PlaceIsFree(60, "1 hour"), 1.0).await;
    person(62).signs_up().await.is(202);
    assert_eq!((world.ses.asked(), world.count("accounts").await), (62, 62));
}

#[tokio::test]
async fn tags_and_capitals_share_a_mailbox_but_are_people_of_their_own() {
    let world = World::with(&[("ADDRESS_SIGNUPS_PER_DAY", "4")]).await;
    for (email, stored) in [
        ("ada@example.com", "ada@example.com"),
        ("ada+news@example.com", "ada+news@example.com"),
        ("ADA+Shop@Example.COM", "ada+shop@example.com"),
        ("Ada@Example.Com", "ada@example.com"),
    ] {
        let mut person = world.person(email);
        assert_eq!(person.signs_up().await.is(202)["email"], stored);
        assert_eq!(world.ses.mails().last().unwrap().to, stored);
    }
    let rows = world.all_rows().await;
    for email in ["ada@example.com", "ada+other@example.com", "ADA+x+y@EXAMPLE.com"] {
        world.person(email).signs_up().await.is_problem(429, "too-many-requests");
    }
    assert_eq!((world.all_rows().await, world.ses.asked()), (rows, 4));

    // A tag is another identity: its code activates no other attempt, and its owner is not known.
    let tagged = world.mails_to("ada+news@example.com")[0].code().unwrap();
    let plain = world.person("ada@example.com");
    let newest = world.mails_to("ada@example.com").last().unwrap().code().unwrap();
    if tagged != newest {
        let answer = plain.activates_with(&tagged).await.status;
        assert_ne!(answer, 200);
    }
    world.person("ada+news@example.com").activates_with(&tagged).await.is(200);
    plain.activates_with(&newest).await.is(200);
    assert_eq!(world.active_accounts().await, 2);
}

#[tokio::test]
async fn zero_turns_each_limit_off() {
    for (off, others) in [
        (
            "ADDRESS_NETWORK_SIGNUPS_PER_DAY",
            ["ADDRESS_SIGNUPS_PER_DAY", "NETWORK_SIGNUPS_PER_HOUR"],
        ),
        (
            "ADDRESS_SIGNUPS_PER_DAY",
            ["ADDRESS_NETWORK_SIGNUPS_PER_DAY", "NETWORK_SIGNUPS_PER_HOUR"],
        ),
        (
            "NETWORK_SIGNUPS_PER_HOUR",
            ["ADDRESS_NETWORK_SIGNUPS_PER_DAY", "ADDRESS_SIGNUPS_PER_DAY"],
        ),
    ] {
        let world = World::with(&[(off, "0"), (others[0], "2"), (others[1], "2")]).await;
        world.signs_up(ADA).await;
        world.signs_up(ADA).await;
        assert_eq!(world.places_taken().await, 4, "two for each of the two that are on");
        world.person(ADA).signs_up().await.is_problem(429, "too-many-requests");
    }

    let all_off = [
        ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0"),
        ("ADDRESS_SIGNUPS_PER_DAY", "0"),
        ("NETWORK_SIGNUPS_PER_HOUR", "0"),
        ("RESEND_COOLDOWN_SECONDS", "0"),
        ("ATTEMPT_MAILS", "0"),
    ];
    let world = World::with(&all_off).await;
    for _ in 0..12 {
        world.signs_up(ADA).await;
    }
    let ada = world.signs_up(ADA).await;
    for _ in 0..6 {
        assert_eq!(ada.resends().await.is(202)["resend_in"], 0);
    }
    assert_eq!((ada.mails().len(), world.places_taken().await), (19, 0));
}

#[tokio::test]
async fn without_a_cooldown_the_mails_of_a_day_are_counted_and_the_other_way_round() {
    let world = World::with(&[("RESEND_COOLDOWN_SECONDS", "0")]).await;
    let ada = world.signs_up(ADA).await;
    for _ in 0..3 {
        ada.resends().await.is(202);
    }
    ada.resends().await.is_problem(429, "too-many-requests");
    assert_eq!(ada.mails().len(), 4);

    let world = World::with(&[("ATTEMPT_MAILS", "0")]).await;
    let ada = world.signs_up(ADA).await;
    for _ in 0..6 {
        ada.resends().await.is_problem(429, "too-many-requests");
        world.time_passes(31.0).await;
        assert_eq!(ada.resends().await.is(202)["resend_in"], 30);
    }
    assert_eq!(ada.mails().len(), 7);
}

#[tokio::test]
async fn thirty_sign_ups_at_once_from_as_many_networks_have_ten_places() {
    let world = World::new().await;
    let instances = world.instances(10).await;
    let calls = (0..30).map(|n| {
        let ada = world.person(ADA).from_ip(&format!("198.51.100.{n}"));
        let instance = &instances[n % instances.len()];
        async move { ada.signs_up_at(instance).await }
    });
    let answers = join_all(calls).await;

    let admitted = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!(admitted, 10);
    for refused in answers.iter().filter(|answer| answer.status != 202) {
        refused.is_problem(429, "too-many-requests");
    }
    assert_eq!((world.mails_to(ADA).len(), world.ses.asked()), (10, 10));
    assert_eq!((world.count("accounts").await, world.count("codes").await), (10, 10));
    assert_eq!(world.places_taken().await, 30, "three for each, none for the refused");
}

#[tokio::test]
async fn who_is_refused_takes_nothing_from_others_even_for_a_moment() {
    let world = World::new().await;
    for _ in 0..5 {
        world.signs_up(ADA).await;
    }
    let instances = world.instances(12).await;
    // One network has no place left and goes on; the owner is elsewhere, and there are five left.
    let calls = (0..60).map(|n| {
        let is_owner = n % 12 == 11;
        let source_ip = if is_owner { "198.51.100.7" } else { "192.0.2.1" };
        let ada = world.person(ADA).from_ip(source_ip);
        let instance = &instances[n % instances.len()];
        async move { (is_owner, ada.signs_up_at(instance).await) }
    });
    for (is_owner, answer) in join_all(calls).await {
        assert_eq!(answer.status, if is_owner { 202 } else { 429 }, "{}", answer.body);
    }
    assert_eq!((world.mails_to(ADA).len(), world.count("accounts").await), (10, 10));
    assert_eq!(world.places_taken().await, 30);
}
