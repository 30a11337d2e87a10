//! The address's budget when many guess at once, on many function instances.

use shared::testing::Event;
use world::{Person, count};

use crate::budget::{ADA, eager, nothing_was_activated};

/// Wrong guesses, each with a code of its own.
fn wrong_guesses(person: &Person<'_>, count: usize) -> Vec<Event> {
    person.world.wrong_codes().take(count).map(|code| person.guess(&code)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_guesses_at_once_on_one_attempt_cost_three() {
    let world = eager(&[]).await;
    let ada = world.signs_up(ADA).await;

    let answers = world.at_once(wrong_guesses(&ada, 50)).await;

    assert_eq!((count(&answers, 403), count(&answers, 410)), (3, 47));
    assert_eq!((world.counted_on_codes().await, world.paid_by(ADA).await), (3, 3));
    nothing_was_activated(&world).await;
    assert_eq!(ada.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_guesses_at_once_over_attempts_and_codes_cost_ten_and_one_of_each_attempt() {
    let world = eager(&[("CODE_GUESSES", "100"), ("NETWORK_GUESSES_PER_HOUR", "0")]).await;
    let mut events = Vec::new();
    for _ in 0..5 {
        let person = world.signs_up(ADA).await;
        events.extend(wrong_guesses(&person, 10));
    }
    // Another order, so that the attempts are really guessed at side by side.
    let events = (0..50).map(|n| events[n % 5 * 10 + n / 5].clone()).collect();

    let answers = world.at_once(events).await;

    assert_eq!((count(&answers, 403), count(&answers, 429)), (15, 35));
    assert_eq!((world.counted_on_codes().await, world.paid_by(ADA).await), (15, 10));
    assert_eq!(world.own_guesses_used().await, 5);
    nothing_was_activated(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_right_codes_at_once_activate_once() {
    let world = eager(&[]).await;
    let ada = world.signs_up(ADA).await;

    let answers = world.at_once(vec![ada.guess(&ada.mailed_code()); 20]).await;

    assert_eq!(count(&answers, 200), 20);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(world.active_accounts().await, 1);
    assert_eq!(world.audit_entries().await, 1);
    assert_eq!((world.counted_on_codes().await, world.paid_by(ADA).await), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_rivals_who_activate_at_once_one_wins() {
    let world = eager(&[]).await;
    for round in 0..4 {
        let email = format!("person{round}@example.com");
        let mut events = Vec::new();
        for _ in 0..4 {
            let person = world.signs_up(&email).await;
            events.extend(vec![person.guess(&person.mailed_code()); 2]);
        }

        let answers = world.at_once(events).await;

        assert_eq!((count(&answers, 200), count(&answers, 403)), (2, 6), "{answers:?}");
        assert_eq!(world.active_accounts().await, round + 1);
        assert_eq!(world.audit_entries().await, round + 1);
        assert_eq!(world.paid_by(&email).await, 6);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_guesses_at_once_from_one_network_are_thirty() {
    let world = eager(&[]).await;
    let mut events = Vec::new();
    for number in 0..20 {
        let person = world.signs_up(&format!("person{number}@example.com")).await;
        events.extend(wrong_guesses(&person, 2));
    }

    let answers = world.at_once(events).await;

    assert_eq!((count(&answers, 403), count(&answers, 429)), (30, 10));
    assert_eq!(world.counted_on_codes().await, 30);
    let network = [4, 192, 0, 2, 1];
    assert_eq!(world.places_taken_under("NETWORK_GUESSES_PER_HOUR", &[&network]).await, 30);
    nothing_was_activated(&world).await;
    let elsewhere = world.signs_up("elsewhere@example.com").await.from_ip("198.51.100.1");
    elsewhere.activates_with(&elsewhere.mailed_code()).await.is(200);
}
