//! Many calls of one person on one network, at once: a double click, a retry, a phone and a laptop.
//! They lock the same rows, so all functions must lock them in one order.

use shared::{
    domain::keys::Keys,
    storage::{Connector, migrate},
    testing::{Event, Mood, TestDatabase},
};
use tools::Postgres;
use world::{KEY, Person, World, count};

const ADA: &str = "ada@example.com";

/// No limit is reached: every password is right, every place comes back, and guesses go on.
const WIDE: [(&str, &str); 13] = [
    ("NETWORK_PASSWORD_FAILURES_PER_MINUTE", "1000"),
    ("ADDRESS_NETWORK_PASSWORD_FAILURES_PER_HOUR", "1000"),
    ("ADDRESS_PASSWORD_FAILURES_PER_HOUR", "1000"),
    ("ATTEMPT_PASSWORD_FAILURES", "1000"),
    ("NETWORK_GUESSES_PER_HOUR", "1000"),
    ("ADDRESS_GUESSES_PER_DAY", "1000"),
    ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "0"),
    ("ADDRESS_SIGNUPS_PER_DAY", "0"),
    ("NETWORK_SIGNUPS_PER_HOUR", "0"),
    ("CODE_GUESSES", "1000"),
    ("CODE_LENGTH", "8"),
    ("RESEND_COOLDOWN_SECONDS", "0"),
    ("ATTEMPT_MAILS", "0"),
];

/// Commits that wait for the disk hold their locks for longer. A deadlock shows at once.
async fn world_that_waits_for_the_disk() -> (Postgres, World) {
    let settings = ["fsync=on", "synchronous_commit=on", "deadlock_timeout=20ms"];
    let server = Postgres::temporary_with(&settings).expect("PostgreSQL starts");
    let config: tokio_postgres::Config = server.url("postgres").parse().expect("a PostgreSQL URL");
    migrate(&Connector::in_the_clear(config.clone())).await.expect("the migrations run");
    let database = TestDatabase::connect(config).await;
    let url = database.url();
    (server, World::on(database, &url, None, &WIDE).await)
}

/// A network whose limit has its row before that of the address, or after it.
fn network_before_address(is_before: bool) -> String {
    let keys = Keys::try_from(KEY).expect("a key");
    let address = keys.limit_key("ADDRESS_PASSWORD_FAILURES_PER_HOUR", &[ADA.as_bytes()]);
    let network =
        |n: u8| keys.limit_key("NETWORK_PASSWORD_FAILURES_PER_MINUTE", &[&[4, 198, 51, 100, n]]);
    let n = (1..=200).find(|n| (network(*n) < address) == is_before).expect("one of many");
    format!("198.51.100.{n}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_one_person_never_wait_for_each_other_in_a_circle() {
    let (_server, world) = world_that_waits_for_the_disk().await;
    let ada = world.has_account(ADA).await;
    for is_before in [false, true] {
        let ada = ada.clone().from_ip(&network_before_address(is_before)).unnamed();
        let places = world.places_taken().await;
        let many = |event: &dyn Fn(&Person<'_>) -> Event| (0..64).map(|_| event(&ada)).collect();
        let guesses: Vec<Event> = many(&|ada| ada.guess("00000000"));
        let resends: Vec<Event> = many(&|ada| ada.resend());
        let sign_ins: Vec<Event> = many(&|ada| ada.sign_in());

        let (guesses, resends, sign_ins) =
            tokio::join!(world.at_once(guesses), world.at_once(resends), world.at_once(sign_ins));

        assert_eq!(count(&guesses, 409), 64, "already active");
        assert_eq!(count(&resends, 409), 64, "already active");
        assert_eq!(count(&sign_ins, 200), 64);
        assert_eq!(world.places_taken().await, places, "each comes back");
    }
    assert_eq!(world.deadlocks().await, 0);
}

/// A caller that repeats a key may find its row or not: a refused sign-up removes it. In whatever
/// order the calls come, one mail leaves for a key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_that_many_repeat_while_ses_refuses_mails_once_and_ends_without_a_deadlock() {
    let (_server, mut world) = world_that_waits_for_the_disk().await;
    world.is_deployed_with(&[
        ("ADDRESS_SIGNUPS_PER_DAY", "1000"),
        ("NETWORK_SIGNUPS_PER_HOUR", "1000"),
    ]);
    for key in ["first", "second"] {
        let ada = world.person(ADA).sending("idempotency-key", key);
        world.ses.is_in_mood(Mood::Fails(400, "MessageRejected"));
        for _ in 0..2 {
            let refused = world.at_once((0..24).map(|_| ada.sign_up()).collect()).await;
            assert_eq!(count(&refused, 503) + count(&refused, 409), 24, "{refused:?}");
        }
        let asked = world.ses.asked();
        let relents = async {
            world.ses.was_asked(asked + 2).await;
            world.ses.is_in_mood(Mood::Accepts);
        };
        let repeats = world.at_once((0..32).map(|_| ada.sign_up()).collect());
        tokio::join!(repeats, relents);
        ada.clone().signs_up().await.is(202);
    }
    assert_eq!(world.ses.mails().len(), 2, "one for each key");
    assert_eq!(world.count("accounts").await, 2);
    assert_eq!(world.deadlocks().await, 0);
}

/// Wrong guesses, resends, sign-ups, sign-ins and "this wasn't me", side by side on one address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_at_once_on_one_address_ends_without_a_deadlock() {
    let (_server, world) = world_that_waits_for_the_disk().await;
    for round in 0..3 {
        let email = format!("ada{round}@example.com");
        let person = world.signs_up(&email).await;
        let token = person.mailed_not_me();
        let code = world.wrong_code();
        let guesses: Vec<Event> = (0..64)
            .map(|n| {
                if n % 2 == 0 { person.guess(&code) } else { person.clone().unnamed().guess(&code) }
            })
            .collect();
        let keyed = |n: usize| person.clone().sending("idempotency-key", &format!("key-{n}"));
        let registers: Vec<Event> = (0..64)
            .map(|n| match n % 4 {
                // It ends the attempt, so it comes last.
                _ if n >= 60 => person.not_me(&token),
                0 => person.resend(),
                2 => keyed(n / 8).sign_up(),
                _ => person.clone().unnamed().resend(),
            })
            .collect();
        let sign_ins: Vec<Event> = (0..64)
            .map(|n| if n % 2 == 0 { person.sign_in() } else { person.clone().unnamed().sign_in() })
            .collect();

        let (guesses, registers, sign_ins) =
            tokio::join!(world.at_once(guesses), world.at_once(registers), world.at_once(sign_ins));

        for answers in [guesses, registers, sign_ins] {
            assert_eq!(count(&answers, 503) + count(&answers, 500), 0, "{answers:?}");
        }
    }
    assert_eq!(world.deadlocks().await, 0);
}
