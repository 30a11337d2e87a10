//! Functions reach their database over TLS, and no other server in its place.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use aws_config::Region;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, future},
};
use shared::{
    aws::SdkConfig,
    config,
    process::Environment,
    storage::{Connector, MigrateError, Pool, migrate},
    testing::{Authority, Certificate, FakeRdsProxy, TestDatabase, credentials},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::Mutex,
};
use tokio_postgres::Config;
use tools::Postgres;
use world::{Person, World};

/// A server that speaks TLS only, and a world that knows it by its socket.
async fn world_with_tls(shown: &Certificate) -> (Postgres, World, String) {
    let server = Postgres::temporary_with_tls(&shown.certificate, &shown.key).expect("it starts");
    let config: Config = server.url("postgres").parse().expect("a PostgreSQL URL");
    migrate(&Connector::in_the_clear(config.clone())).await.expect("the migrations run");
    let database = TestDatabase::connect(config).await;
    let port = server.tls_port().expect("it has one");
    let url = database.url();
    let world = World::on(database, &url, None, &[]).await;
    (server, world, format!("127.0.0.1:{port}"))
}

fn url(host: &str) -> String {
    format!("postgres://postgres@{host}/postgres?sslmode=require")
}

/// The journey, from a sign-up to an account.
async fn can_sign_up(world: &World) {
    let mut ada = world.person("ada@example.com");
    ada.signs_up().await.is(202);
    ada.activates_with(&ada.mailed_code()).await.is(200);
}

/// 503 in time, and nothing happened.
async fn cannot_sign_up(world: &World) {
    let started = Instant::now();
    let mut ada: Person<'_> = world.person("ada@example.com");
    ada.signs_up().await.is_problem(503, "database-unavailable");
    assert!(started.elapsed() < Duration::from_millis(6500), "it took {:?}", started.elapsed());
    assert_eq!((world.count("accounts").await, world.ses.asked()), (0, 0));
}

#[tokio::test]
async fn a_server_whose_authority_we_trust_is_used() {
    let authority = Authority::default();
    let (_server, mut world, host) = world_with_tls(&authority.certifies("127.0.0.1")).await;
    let file = authority.file().to_str().expect("a path");
    world.is_deployed_with(&[("DATABASE_URL", &url(&host)), ("DATABASE_CA_FILE", file)]);
    world.starts().await;

    can_sign_up(&world).await;

    let query = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                  WHERE ssl AND application_name = 'registration'";
    assert_eq!(world.database.number(query).await, 3, "one connection a function, each in TLS");
}

#[tokio::test]
async fn another_host_another_authority_and_an_old_certificate_are_refused() {
    let (ours, other) = (Authority::default(), Authority::default());
    for shown in [
        ours.certifies("database.example"),
        other.certifies("127.0.0.1"),
        ours.certified_once("127.0.0.1"),
    ] {
        let (_server, mut world, host) = world_with_tls(&shown).await;
        let file = ours.file().to_str().expect("a path");
        world.is_deployed_with(&[("DATABASE_URL", &url(&host)), ("DATABASE_CA_FILE", file)]);
        cannot_sign_up(&world).await;
    }
}

#[tokio::test]
async fn amazons_roots_vouch_for_no_other_server() {
    let authority = Authority::default();
    let (_server, mut world, host) = world_with_tls(&authority.certifies("127.0.0.1")).await;
    world.is_deployed_with(&[("DATABASE_URL", &url(&host))]);
    cannot_sign_up(&world).await;
}

/// A listener in the server's place. It answers the request for TLS with this, and notes the rest.
async fn impostor(answer: &'static [u8]) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let host = listener.local_addr().expect("it is bound").to_string();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let notes = Arc::clone(&notes);
            tokio::spawn(async move {
                let mut wish = [0; 8];
                let _ = client.read_exact(&mut wish).await;
                let _ = client.write_all(answer).await;
                let mut heard = [0; 1024];
                while let Ok(read @ 1..) = client.read(&mut heard).await {
                    notes.lock().await.extend_from_slice(&heard[..read]);
                }
            });
        }
    });
    (host, heard)
}

#[tokio::test]
async fn a_server_without_tls_hears_neither_user_nor_password() {
    let mut world = World::new().await;
    let (host, heard) = impostor(b"N").await;
    let url = format!("postgres://postgres:top-secret@{host}/postgres?sslmode=require");
    world.is_deployed_with(&[("DATABASE_URL", &url)]);
    cannot_sign_up(&world).await;
    assert!(heard.lock().await.is_empty());
}

#[tokio::test]
async fn a_server_that_falls_silent_in_the_handshake_costs_seconds_not_minutes() {
    let mut world = World::new().await;
    let (host, heard) = impostor(b"S").await;
    let url = format!("postgres://postgres:top-secret@{host}/postgres?sslmode=require");
    world.is_deployed_with(&[("DATABASE_URL", &url)]);
    cannot_sign_up(&world).await;
    let heard = heard.lock().await;
    assert!(!heard.is_empty(), "the handshake began");
    assert!(!heard.windows(10).any(|part| part == b"top-secret"));
}

#[tokio::test]
async fn a_migration_does_not_wait_for_a_server_that_falls_silent() {
    let (host, _) = impostor(b"S").await;
    let config = url(&host).parse().expect("a PostgreSQL URL");
    let started = Instant::now();
    let failed = migrate(&Connector::with_tls(config, None).expect("Amazon's roots")).await;
    assert!(matches!(failed, Err(MigrateError::Silent)), "{failed:?}");
    assert!(started.elapsed() < Duration::from_secs(7), "it took {:?}", started.elapsed());
}

/// The settings of functions behind RDS Proxy.
fn is_deployed_behind(world: &mut World, proxy: &FakeRdsProxy, role: &str) {
    world.is_deployed_with(&[
        ("DATABASE_URL", &proxy.url(role)),
        ("DATABASE_CA_FILE", proxy.ca_file()),
        ("DATABASE_AUTH", "iam"),
    ]);
}

#[tokio::test]
async fn rds_proxy_lets_in_a_function_that_shows_a_token_of_iam() {
    let mut world = World::new().await;
    let proxy = FakeRdsProxy::before(world.database.config().clone()).await;
    is_deployed_behind(&mut world, &proxy, "postgres");
    world.starts().await;

    can_sign_up(&world).await;
    assert_eq!(proxy.shown().len(), 3, "one connection a function");

    // A connection that ended is replaced, with the token that is there.
    world
        .database
        .execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
              WHERE application_name = 'registration' AND datname = current_database()",
        )
        .await;
    world.person("bob@example.com").signs_up().await.is(202);
    let shown = proxy.shown();
    assert_eq!(shown.len(), 4);
    assert!(shown[..3].contains(&shown[3]), "a token is good for ten minutes");
}

#[tokio::test]
async fn rds_proxy_refuses_the_token_of_another_role() {
    let mut world = World::new().await;
    let proxy = FakeRdsProxy::before(world.database.config().clone()).await;
    is_deployed_behind(&mut world, &proxy, "postgres");
    can_sign_up(&world).await;

    let stolen = proxy.shown().remove(0);
    let roots = std::fs::read(proxy.ca_file()).expect("a file");
    let knocks = async |role: &str| {
        let mut config: Config = proxy.url(role).parse().expect("a PostgreSQL URL");
        config.password(&stolen);
        let door = Connector::with_tls(config, Some(&roots)).expect("roots");
        migrate(&door).await
    };
    assert!(knocks("postgres").await.is_ok());
    let refused = knocks("register").await.expect_err("the token is not of this role");
    let cause = std::error::Error::source(&refused).expect("a cause").to_string();
    assert!(cause.contains("db error"), "{cause}");
}

#[tokio::test]
async fn rds_proxy_refuses_a_token_that_another_account_has_signed() {
    let world = World::new().await;
    let proxy = FakeRdsProxy::before(world.database.config().clone()).await;
    let answer = async |credentials: Credentials| {
        let storage = Pool::new(connector(&proxy, credentials));
        storage.is_ready_within(Duration::from_secs(2)).await
    };
    assert!(answer(credentials()).await.is_ok());
    let other = Credentials::new("AKIDOTHER", "je7MtGbClwBF", None, None, "test");
    assert!(answer(other).await.is_err());
    assert_eq!(proxy.shown().len(), 2);
}

/// Credentials that the database knows from the second time on.
#[derive(Debug, Default)]
struct Replaced(AtomicBool);

impl ProvideCredentials for Replaced {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let was_asked = self.0.swap(true, Ordering::Relaxed);
        let other = Credentials::new("AKIDOTHER", "je7MtGbClwBF", None, None, "test");
        future::ProvideCredentials::ready(Ok(if was_asked { credentials() } else { other }))
    }
}

#[tokio::test]
async fn a_migration_waits_until_iam_knows_its_role() {
    let world = World::new().await;
    let proxy = FakeRdsProxy::before(world.database.config().clone()).await;
    migrate(&connector(&proxy, Replaced::default())).await.expect("the second try gets in");
    assert_eq!(proxy.shown().len(), 2);
}

#[tokio::test]
async fn credentials_that_were_replaced_cost_one_refusal() {
    let world = World::new().await;
    let proxy = FakeRdsProxy::before(world.database.config().clone()).await;
    let storage = Pool::new(connector(&proxy, Replaced::default()));

    assert!(storage.is_ready_within(Duration::from_secs(2)).await.is_err());
    assert!(storage.is_ready_within(Duration::from_secs(2)).await.is_ok());
    assert_eq!(proxy.shown().len(), 2);
}

#[tokio::test]
async fn credentials_that_do_not_come_cost_seconds_and_are_told() {
    #[derive(Debug)]
    struct Nowhere;
    impl ProvideCredentials for Nowhere {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(std::future::pending())
        }
    }
    let world = World::new().await;
    let proxy = FakeRdsProxy::before(world.database.config().clone()).await;
    let storage = Pool::new(connector(&proxy, Nowhere));

    let started = Instant::now();
    let error = storage.is_ready_within(Duration::from_secs(4)).await.expect_err("no token");

    assert!(started.elapsed() < Duration::from_secs(3), "it took {:?}", started.elapsed());
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(cause.contains("credentials did not come in time"), "{cause}");
    assert!(proxy.shown().is_empty(), "no function knocked without a token");
}

/// What a function with these credentials reaches its database with.
fn connector(proxy: &FakeRdsProxy, credentials: impl ProvideCredentials + 'static) -> Connector {
    let variables = [
        ("DATABASE_URL", proxy.url("postgres")),
        ("DATABASE_CA_FILE", proxy.ca_file().to_owned()),
        ("DATABASE_AUTH", "iam".to_owned()),
    ];
    let environment =
        Environment::of(&variables.map(|(name, value)| (name.to_owned(), value)).into());
    let sdk_config = SdkConfig::builder()
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    config::database(&environment, &sdk_config).expect("the settings are right")
}
