//! PostgreSQL is gone, refuses, hangs, and comes back. No function is restarted for that.

use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, join_all};
use shared::{
    storage::{Connector, migrate},
    testing::{Answer, Event, TestDatabase, Wire},
};
use tokio_postgres::Config;
use tools::Postgres;
use world::{Person, World};

/// A server that a story may stop, and a world on it.
async fn world_on_its_own_server() -> (Postgres, World) {
    let server = Postgres::temporary().expect("PostgreSQL starts");
    let config: Config = server.url("postgres").parse().expect("a PostgreSQL URL");
    migrate(&Connector::in_the_clear(config.clone())).await.expect("the migrations run");
    let database = TestDatabase::connect(config).await;
    let url = database.url();
    (server, World::on(database, &url, None, &[]).await)
}

/// Within the deadlines, with room for a busy machine.
const QUICKLY: Duration = Duration::from_millis(6500);

async fn is_unavailable(answer: impl Future<Output = Answer>) {
    let started = Instant::now();
    let answer = answer.await;
    answer.is_problem(503, "database-unavailable");
    assert!(answer.retry_after() >= 1);
    assert!(started.elapsed() < QUICKLY, "it took {:?}", started.elapsed());
}

async fn health(world: &World) -> Answer {
    world.send(&Event::new("GET", "/health")).await
}

/// Every endpoint answers 503, all of them asked at once, and no mail leaves.
async fn all_are_unavailable(world: &World, ada: &Person<'_>) {
    let mails = world.ses.asked();
    let code = ada.mailed_code();
    let calls: [BoxFuture<'_, ()>; 4] = [
        Box::pin(is_unavailable(async { world.person("bob@example.com").signs_up().await })),
        Box::pin(is_unavailable(ada.resends())),
        Box::pin(is_unavailable(ada.activates_with(&code))),
        Box::pin(is_unavailable(ada.signs_in())),
    ];
    join_all(calls).await;
    assert_eq!(world.ses.asked(), mails, "nothing may be mailed");
}

#[tokio::test]
async fn the_database_is_gone_and_back() {
    let (mut server, world) = world_on_its_own_server().await;
    let ada = world.signs_up("ada@example.com").await;

    // It ends as in a crash, and its settings are made for speed: what it knows must be on disk.
    world.writes_to_disk().await;
    server.stop();
    all_are_unavailable(&world, &ada).await;
    health(&world).await.is_problem(503, "database-unavailable");

    server.start().expect("PostgreSQL starts again");
    health(&world).await.is(200);
    ada.activates_with(&ada.mailed_code()).await.is(200);
    let mut bob = world.person("bob@example.com");
    bob.signs_up().await.is(202);
}

#[tokio::test]
async fn the_database_hangs_and_goes_on() {
    let (mut server, world) = world_on_its_own_server().await;
    let ada = world.signs_up("ada@example.com").await;

    server.freeze();
    all_are_unavailable(&world, &ada).await;
    let started = Instant::now();
    health(&world).await.is_problem(503, "database-unavailable");
    assert!(started.elapsed() < Duration::from_secs(3), "health took {:?}", started.elapsed());

    server.thaw();
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

#[tokio::test]
async fn the_database_refuses_and_relents() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;

    world.database.refuses_connections().await;
    all_are_unavailable(&world, &ada).await;

    world.database.accepts_connections().await;
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

/// As after a failover, when the server that was the primary is a replica: its sessions can only
/// read from now on, and new ones reach the new primary.
#[tokio::test]
async fn a_connection_that_can_only_read_is_left_within_one_request() {
    let (_server, mut world) = world_on_its_own_server().await;
    let ada = world.signs_up("ada@example.com").await;
    world.fails_over(true).await;

    ada.activates_with(&ada.mailed_code()).await.is(200);
    ada.visits().await.reads_itself().await.is(200);
    world.person("bob@example.com").signs_up().await.is(202);
    world.is_deployed_with(&[]);
    health(&world).await.is(200);

    // Now there is no new primary. A good verdict is two seconds old at most.
    world.fails_over(false).await;
    world.is_deployed_with(&[]);
    health(&world).await.is_problem(503, "database-unavailable");
    let mails = world.ses.asked();
    is_unavailable(async { world.person("eve@example.com").signs_up().await }).await;
    assert_eq!(world.ses.asked(), mails);

    world.fails_back().await;
    health(&world).await.is(200);
    world.person("eve@example.com").signs_up().await.is(202);
}

#[tokio::test]
async fn a_right_password_costs_no_place_though_the_statement_after_it_failed() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    let places = world.places_taken().await;
    // The check of a password does not read these columns. What follows a right one does.
    for column in ["disabled_at", "voided_at", "next_mail_at"] {
        world.hides_column("accounts", column).await;
    }
    for person in [ada.clone(), ada.clone().unnamed()] {
        is_unavailable(person.activates_with("0000")).await;
        is_unavailable(person.resends()).await;
        is_unavailable(person.signs_in()).await;
    }
    assert_eq!(world.places_taken().await, places);
}

/// A person who tries again while the database fails is not out of sign-ups when it works again.
#[tokio::test]
async fn a_sign_up_or_a_link_that_could_not_be_stored_costs_no_place() {
    let world = World::new().await;
    let rows = world.all_rows().await;
    let mut ada = world.person("ada@example.com").sending("idempotency-key", "key");
    let hidden = [("accounts", "next_mail_at"), ("password_resets", "digest")];
    for (table, column) in hidden {
        world.hides_column(table, column).await;
    }
    for _ in 0..6 {
        is_unavailable(ada.signs_up()).await;
        is_unavailable(ada.forgets()).await;
    }
    for (table, column) in hidden {
        world.shows_column(table, column).await;
    }

    assert_eq!(world.places_taken().await, 0);
    ada.signs_up().await.is(202);
    ada.forgets().await.is(202);
    assert_ne!(world.all_rows().await, rows);
}

#[tokio::test]
async fn a_connection_that_died_while_idle_costs_one_reconnect() {
    let world = World::on_the_wire(&[]).await;
    let ada = world.signs_up("ada@example.com").await;
    let before = world.traffic();

    world.wire().cut();
    ada.activates_with(&ada.mailed_code()).await.is(200);

    let after = world.traffic();
    assert_eq!(after.connections - before.connections, 1);
    assert_eq!(after.statements - before.statements, 2);
}

#[tokio::test]
async fn a_connection_that_died_without_a_word_is_noticed_after_a_second() {
    let world = World::on_the_wire(&[]).await;
    let ada = world.signs_up("ada@example.com").await;
    let code = ada.mailed_code();
    ada.activates_with(&code).await.is(200);
    let before = world.traffic();
    assert_eq!(before.checks, 0, "a connection in use is not checked");

    world.wire().falls_silent();
    // Not a deadline of the product: this is how long a function must have been frozen.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let started = Instant::now();
    ada.activates_with(&code).await.is(200);

    assert!(started.elapsed() < Duration::from_secs(2), "it took {:?}", started.elapsed());
    let after = world.traffic();
    assert_eq!(after.connections - before.connections, 1);
}

#[tokio::test]
async fn a_connection_that_was_idle_for_a_second_is_checked_once() {
    let world = World::on_the_wire(&[]).await;
    let ada = world.signs_up("ada@example.com").await;
    // As long as a connection may be idle without a check: the function's own clock measures it.
    tokio::time::sleep(Duration::from_millis(1100)).await;

    ada.activates_with(&ada.mailed_code()).await.is(200);

    let traffic = world.traffic();
    assert_eq!((traffic.checks, traffic.connections), (1, 3), "one connection a function");
}

#[tokio::test]
async fn health_asks_the_database_at_most_every_other_second() {
    let world = World::on_the_wire(&[]).await;
    health(&world).await.is(200);
    let statements = world.traffic().statements;
    for _ in 0..20 {
        health(&world).await.is(200);
    }
    assert_eq!(world.traffic().statements, statements);
}

#[tokio::test]
async fn a_function_starts_while_the_database_is_gone() {
    let (mut server, world) = world_on_its_own_server().await;
    let wire = Wire::before(world.database.config().clone()).await;
    let url = world.database.url_at(&wire.address);
    // The roles must also be on disk.
    world.writes_to_disk().await;
    server.stop();
    let mut world = world;
    world.is_deployed_with(&[("DATABASE_URL", &url)]);
    health(&world).await.is_problem(503, "database-unavailable");

    server.start().expect("PostgreSQL starts again");
    health(&world).await.is(200);
}
