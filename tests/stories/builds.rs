//! Each build brings its functions into the database, beside those of other builds.

use register::RegisterApp;
use shared::{
    process::Environment,
    storage::{Migrated, migrate},
    testing::Event,
};
use world::{PASSWORD, World, sign_up_body};

const ADA: &str = "ada@example.com";
const SCHEMAS: &str = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'functions\\_%'";

async fn schema_of_this_build(world: &World) -> String {
    world.database.row("SELECT schema FROM builds").await.get(0)
}

async fn migrates(world: &World) -> Migrated {
    migrate(&world.database.connector()).await.expect("it succeeds")
}

#[tokio::test]
async fn a_function_refuses_a_database_that_its_build_has_not_migrated() {
    let world = World::new().await;
    world.starts().await;
    let schema = schema_of_this_build(&world).await;
    world.database.execute(&format!("DROP SCHEMA {schema} CASCADE")).await;

    let environment = Environment::of(&world.variables_of("register"));
    let refused = RegisterApp::start(&environment, &world.ses.sdk_config()).await;
    assert_eq!(
        refused.err().expect("it stops").to_string(),
        "DATABASE_URL names a database that is not ready: the database does not have the functions \
         of this build: run `migrate`"
    );

    // An instance that already runs answers as after any other failure of the database.
    let sign_up = Event::new("POST", "/register").json(&sign_up_body(ADA, PASSWORD));
    world.send(&sign_up).await.is_problem(503, "database-unavailable");
    assert_eq!(world.ses.asked(), 0);

    assert_eq!(migrates(&world).await.functions, Some(schema));
    world.signs_up(ADA).await;
}

#[tokio::test]
async fn another_build_leaves_the_functions_of_this_one_alone() {
    let world = World::new().await;
    let ada = world.signs_up(ADA).await;
    // The build before, which serves until all traffic has moved, and again after a roll-back.
    world
        .database
        .execute("CREATE SCHEMA functions_before; INSERT INTO builds VALUES ('functions_before')")
        .await;
    for days in [1.0, 28.0] {
        world.database.time_passes(days * 86_400.0).await;
        assert_eq!(migrates(&world).await, Migrated::default());
    }
    assert_eq!(world.database.number(SCHEMAS).await, 2);
    ada.signs_in().await.is(401);
    world.signs_up("bob@example.com").await;
}

#[tokio::test]
async fn the_functions_of_a_build_that_nothing_uses_for_a_month_are_removed() {
    let mut world = World::new().await;
    world
        .database
        .execute("CREATE SCHEMA functions_before; INSERT INTO builds VALUES ('functions_before')")
        .await;
    // This build is in use all the time: its instances start every day.
    for _ in 0..2 {
        world.database.time_passes(15.1 * 86_400.0).await;
        world.is_deployed_with(&[]);
        world.starts().await;
    }
    let removed = migrates(&world).await.removed;
    assert_eq!(removed, ["functions_before"]);
    assert_eq!(world.database.number(SCHEMAS).await, 1);
    assert_eq!(migrates(&world).await, Migrated::default());
    world.signs_up(ADA).await;
}

#[tokio::test]
async fn a_build_in_use_is_never_removed_however_long_ago_it_was_migrated() {
    let mut world = World::new().await;
    let schema = schema_of_this_build(&world).await;
    world.database.time_passes(40.0 * 86_400.0).await;
    world.is_deployed_with(&[]);
    world.starts().await;
    let used = format!(
        "SELECT count(*) FROM builds
          WHERE schema = '{schema}' AND used_at > now() - interval '1 hour'"
    );
    assert_eq!(world.database.number(&used).await, 1);
}
