//! Migrating: two at once, beside writers, by an operator who is not a superuser.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shared::{
    storage::{Connector, MigrateError, Migrated, Pool, migrate, migrate_within},
    testing::TestDatabase,
};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Config;
use tools::Postgres;
use world::{World, command};

/// Long enough for anything that works.
const PATIENCE: Duration = Duration::from_mins(1);

const SIGN_UP: &str =
    "INSERT INTO accounts (id, email, password_hash, locale, mailed_at, next_mail_at)
     VALUES (gen_random_uuid(), 'ada@example.com', '', 'en', '{}', now())";

const VALID: &str = "SELECT count(*) FROM pg_index
     WHERE indisvalid AND indexrelid = to_regclass('accounts_pending')";

const INVALID: &str = "SELECT count(*) FROM pg_index
     WHERE NOT indisvalid AND indexrelid = to_regclass('accounts_pending')";

async fn migrates(database: &TestDatabase) -> Migrated {
    migrate(&database.connector()).await.expect("the migrations run")
}

async fn migrates_as(config: Config) -> Result<Migrated, MigrateError> {
    migrate(&Connector::in_the_clear(config)).await
}

/// Whether a function that logs in like this can work.
async fn is_served(config: Config) {
    let storage = Pool::new(Connector::in_the_clear(config));
    storage.is_ready_within(PATIENCE).await.expect("it is ready");
}

fn as_user(server: &Postgres, user: &str, database: &str) -> Config {
    let mut config: Config = server.url(database).parse().expect("a PostgreSQL URL");
    config.user(user);
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_at_once_one_does_the_work() {
    let database = TestDatabase::empty().await;
    let all = join_all((0..4).map(|_| migrates(&database))).await;

    let (busy, idle): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|migrated| *migrated != Migrated::default());
    assert_eq!((busy.len(), idle.len()), (1, 3));
    assert_eq!(busy[0].applied[0], "V1__create_accounts");
    assert_eq!(busy[0].indexes.len(), 7);
    assert!(busy[0].functions.as_ref().is_some_and(|schema| schema.starts_with("functions_")));
    assert_eq!(migrates(&database).await, Migrated::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_databases_of_a_new_cluster_may_be_migrated_at_once() {
    let server = Postgres::temporary().expect("PostgreSQL starts");
    let operator = TestDatabase::connect(as_user(&server, "postgres", "postgres")).await;
    let names = ["one", "two", "three", "four"];
    for name in names {
        operator.execute(&format!("CREATE DATABASE {name}")).await;
    }
    let configs = names.map(|name| as_user(&server, "postgres", name));
    for migrated in join_all(configs.map(migrates_as)).await {
        assert!(migrated.expect("the roles are no obstacle").applied.len() >= 6);
    }
    for name in names {
        is_served(as_user(&server, "register", name)).await;
    }
}

#[tokio::test]
async fn a_migration_that_finds_another_at_work_gives_up_in_time() {
    let database = TestDatabase::empty().await;
    database.execute("SELECT pg_advisory_lock(7471102)").await;

    let started = Instant::now();
    let refused = migrate_within(&database.connector(), Duration::from_millis(300)).await;

    let error = refused.expect_err("another session has the lock");
    assert!(matches!(error, MigrateError::Busy), "{error:?}");
    assert!(error.to_string().contains("still at work"));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.number(tables).await, 0);

    database.execute("SELECT pg_advisory_unlock_all()").await;
    assert!(!migrates(&database).await.applied.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_built_while_people_sign_up_and_another_migration_waits() {
    let database = TestDatabase::new().await;
    database.execute("DROP INDEX accounts_pending").await;
    let slow_writer = database.another_connection().await;
    slow_writer.execute("BEGIN").await;
    slow_writer.execute(SIGN_UP).await;

    let config = database.config().clone();
    let first = tokio::spawn(async move { migrates_as(config).await });
    database.makes_wait("accounts_pending", 1).await;
    let config = database.config().clone();
    let second = tokio::spawn(async move { migrates_as(config).await });
    let busy = migrate_within(&database.connector(), Duration::from_millis(200)).await;
    assert!(matches!(busy, Err(MigrateError::Busy)), "{busy:?}");

    // The build waits for the slow one, and no writer waits for the build.
    let started = Instant::now();
    database.execute(&format!("SET statement_timeout = '2s'; {SIGN_UP}")).await;
    assert!(started.elapsed() < Duration::from_secs(2));
    // Longer than a migration may wait for a lock: an index may.
    sleep(Duration::from_millis(5500)).await;
    assert!(!first.is_finished());
    slow_writer.execute("COMMIT").await;

    let first = timeout(PATIENCE, first).await.expect("it ends").expect("it does not panic");
    let second = timeout(PATIENCE, second).await.expect("it ends").expect("it does not panic");
    assert_eq!(first.expect("it is built").indexes, ["accounts_pending"]);
    assert_eq!(second.expect("it finds all done"), Migrated::default());
    assert_eq!(database.number(VALID).await, 1);
    assert_eq!(database.number("SELECT count(*) FROM accounts").await, 2);
}

#[tokio::test]
async fn what_a_failed_build_has_left_is_built_again() {
    let database = TestDatabase::new().await;
    database.execute("DROP INDEX accounts_pending").await;
    let slow_writer = database.another_connection().await;
    slow_writer.execute("BEGIN").await;
    slow_writer.execute(SIGN_UP).await;
    let builder = database.another_connection().await;
    builder.execute("SET lock_timeout = '50ms'").await;
    let build = include_str!("../../migrations/indexes/accounts_pending.sql");
    assert!(builder.refuses(build).await.contains("lock timeout"));
    slow_writer.execute("COMMIT").await;
    assert_eq!(database.number(INVALID).await, 1);

    assert_eq!(migrates(&database).await.indexes, ["accounts_pending"]);

    assert_eq!((database.number(INVALID).await, database.number(VALID).await), (0, 1));
    assert_eq!(migrates(&database).await, Migrated::default());
}

/// As on RDS, where the master user is none. It owns the schema `public` and may create others.
#[tokio::test]
async fn an_operator_who_migrates_need_not_be_a_superuser() {
    let server = Postgres::temporary().expect("PostgreSQL starts");
    let superuser = TestDatabase::connect(as_user(&server, "postgres", "postgres")).await;
    for name in ["owned", "lent"] {
        superuser.execute(&format!("CREATE DATABASE {name}")).await;
    }
    superuser
        .execute(
            "CREATE ROLE master LOGIN CREATEROLE;
             CREATE ROLE rds_iam;
             GRANT rds_iam TO master WITH ADMIN OPTION, INHERIT FALSE;
             ALTER DATABASE owned OWNER TO master",
        )
        .await;
    let lent = TestDatabase::connect(as_user(&server, "postgres", "lent")).await;
    lent.execute("ALTER SCHEMA public OWNER TO master; GRANT CREATE ON DATABASE lent TO master")
        .await;

    for name in ["owned", "lent"] {
        migrates_as(as_user(&server, "master", name)).await.expect("the migrations run");
        let tokens = "SELECT count(*) FROM pg_auth_members
                       WHERE roleid = 'rds_iam'::regrole AND member::regrole::text
                             IN ('register', 'activate', 'account', 'maintain')";
        assert_eq!(superuser.number(tokens).await, 4);
        for role in ["register", "activate"] {
            is_served(as_user(&server, role, name)).await;
        }
    }
    // What every role may do by default, no role may in a database of its own.
    superuser.execute("CREATE ROLE stranger LOGIN").await;
    let stranger = as_user(&server, "stranger", "owned").connect(tokio_postgres::NoTls).await;
    let refused = stranger.err().expect("it may not even connect");
    assert!(format!("{refused:?}").contains("permission denied for database"), "{refused:?}");
    let register = TestDatabase::connect(as_user(&server, "register", "owned")).await;
    for statement in ["CREATE TABLE mine ()", "CREATE TEMPORARY TABLE mine ()"] {
        let why = register.refuses(statement).await;
        let refused = ["permission denied", "no schema has been selected"];
        assert!(refused.iter().any(|text| why.contains(text)), "{statement}: {why}");
    }
}

#[tokio::test]
async fn who_logs_in_has_deadlines_in_the_server() {
    let server = Postgres::temporary().expect("PostgreSQL starts");
    migrates_as(as_user(&server, "postgres", "postgres")).await.expect("the migrations run");
    for (role, lock_timeout) in
        [("register", "0"), ("activate", "0"), ("account", "0"), ("maintain", "200ms")]
    {
        let database = TestDatabase::connect(as_user(&server, role, "postgres")).await;
        for (setting, value) in [
            ("statement_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "5s"),
            ("lock_timeout", lock_timeout),
        ] {
            let shown: String = database.row(&format!("SHOW {setting}")).await.get(0);
            assert_eq!(shown, value, "{role}: {setting}");
        }
    }
    let register = TestDatabase::connect(as_user(&server, "register", "postgres")).await;
    assert!(register.refuses("SELECT pg_sleep(7)").await.contains("statement timeout"));
}

#[tokio::test]
async fn a_purge_yields_to_a_session_that_uses_a_row() {
    let server = Postgres::temporary().expect("PostgreSQL starts");
    let owner = as_user(&server, "postgres", "postgres");
    migrates_as(owner.clone()).await.expect("the migrations run");
    let owner = TestDatabase::connect(owner).await;
    let url = owner.url();
    let world = World::on(owner, &url, None, &[]).await;
    world.has_account("ada@example.com").await;
    world.time_passes(2.0 * 86400.0).await;
    let other = world.database.another_connection().await;
    other.execute("BEGIN; UPDATE codes SET wrong_guesses = 1").await;
    let maintain = Pool::new(Connector::in_the_clear(as_user(&server, "maintain", "postgres")));
    let soon = || std::time::Instant::now() + PATIENCE;

    let started = Instant::now();
    let purged = maintain.purge(soon()).await.expect("it gives way");
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(purged.deleted.codes, 0);
    assert!(purged.deleted.limits > 0, "the rest is done");
    assert_eq!(world.count("codes").await, 1);

    other.execute("COMMIT").await;
    let purged = maintain.purge(soon()).await.expect("it goes on");
    assert!(purged.complete);
    assert_eq!((purged.deleted.codes, world.count("codes").await), (1, 0));
}

/// The function of the schedule, as it is deployed: it may purge and nothing else.
#[tokio::test]
async fn the_schedule_cannot_migrate() {
    let world = World::new().await;
    let event = command(json!({ "command": "migrate" }), PATIENCE);
    let refused = world.operate("purge").handle(event).await.expect_err("it is not accepted");
    assert!(refused.to_string().ends_with("accepts: purge"), "{refused}");
}
