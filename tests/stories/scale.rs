//! Tables are large one day: no statement may read one from end to end.

use serde_json::json;
use world::{World, wrong_code};

/// Enough that PostgreSQL would rather use an index, if there is one.
const ROWS: u32 = 50_000;

/// The tables that grow with the number of people.
const TABLES: [&str; 4] = ["accounts", "codes", "limits", "idempotency_keys"];

async fn is_full_of_others(world: &World) {
    world
        .database
        .execute(&format!(
            "INSERT INTO accounts (id, email, password_hash, locale, created_at, activated_at,
                                   mailed_at, next_mail_at)
             SELECT gen_random_uuid(), 'person' || n || '@example.com', '', 'en',
                    now() - n * interval '1 second', CASE WHEN n % 2 = 0 THEN now() END,
                    ARRAY[now()], now()
               FROM generate_series(1, {ROWS}) AS n;
             INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, expires_at)
             SELECT gen_random_uuid(), id, '', 'first', sha256(id::text::bytea), now() FROM accounts;
             INSERT INTO limits (key, places, seconds, taken)
             SELECT sha256(n::text::bytea), 10, 3600, ARRAY[now()]
               FROM generate_series(1, {ROWS}) AS n;
             INSERT INTO idempotency_keys (email, key, payload_mac)
             SELECT email, 'key', '' FROM accounts;
             ANALYZE accounts, codes, limits, idempotency_keys"
        ))
        .await;
}

/// How often each table was read from end to end, and by an index.
async fn scans(world: &World) -> ([i64; 4], i64) {
    let mut sequential = [0; 4];
    for (scans, table) in sequential.iter_mut().zip(TABLES) {
        let query = format!("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = '{table}'");
        *scans = world.database.number(&query).await;
    }
    let by_index = "SELECT sum(idx_scan)::int8 FROM pg_stat_user_tables";
    (sequential, world.database.number(by_index).await)
}

/// A connection tells the statistics what it has done when it ends, at the latest.
async fn all_connections_end(world: &mut World) {
    let others = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
    world.is_deployed_with(&[]);
    while world.database.number(others).await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_statement_is_an_index_look_up() {
    let mut world = World::new().await;
    is_full_of_others(&world).await;
    world.database.execute("SELECT pg_stat_force_next_flush()").await;
    let (sequential, by_index) = scans(&world).await;

    let mut ada = world.person("ada@example.com").sending("idempotency-key", "key");
    ada.signs_up().await.is(202);
    ada.signs_up().await.is(202);
    let code = ada.mailed_code();
    ada.activates_with(&wrong_code(&code)).await.is_problem(403, "code-incorrect");
    ada.clone()
        .unnamed()
        .activates_with(&wrong_code(&code))
        .await
        .is_problem(403, "code-incorrect");
    ada.clone().with_password("wrong").activates_with(&code).await.is(401);
    ada.resends().await.is(429);
    ada.activates_with(&code).await.is(200);
    ada.clone().unnamed().resends().await.is(409);
    let credentials = world::basic("unknown@example.com", "wrong");
    let event = ada.event("/activate").json(&json!({ "code": code }));
    world.send(&event.header("authorization", &credentials)).await.is(401);

    let admin = world.admin("root@example.com").await;
    let session = ada.visits().await;
    ada.clone().unnamed().signs_in().await.is(200);
    session.reads_itself().await.is(200);
    session.changes(&json!({ "locale": "fr" })).await.is(200);
    ada.forgets().await.is(202);
    ada.resets(&ada.mailed_link(), "a new horse battery").await.is(204);
    let page = admin.calls("GET", "/users?limit=10", None).await;
    let path = page.is(200)["next"].as_str().expect("more");
    admin.calls("GET", path, None).await.is(200);
    let path = format!("/users/{}", session.id());
    admin.calls("GET", &path, None).await.is(200);
    admin.calls("PATCH", &path, Some(&json!({ "disabled": false }))).await.is(200);
    ada.was_not_me(&ada.mailed_not_me()).await.is(204);
    admin.calls("DELETE", &path, None).await.is(204);
    admin.signs_out().await.is(204);

    all_connections_end(&mut world).await;
    let (sequential_now, by_index_now) = scans(&world).await;
    assert_eq!(sequential_now, sequential, "{TABLES:?} were read from end to end");
    assert!(by_index_now > by_index, "the statistics know of the requests");
}

/// An update that changes no index stays in place (HOT), which `limits` and keys rely on all day.
#[tokio::test]
async fn the_indexes_that_cleaning_up_needs_make_no_update_dearer() {
    let mut world = World::new().await;
    let mut ada = world.person("ada@example.com").sending("idempotency-key", "key");
    ada.signs_up().await.is(202);
    let count = |column: &str| {
        format!(
            "SELECT sum({column})::int8 FROM pg_stat_user_tables
              WHERE relname IN ('accounts', 'idempotency_keys', 'limits')"
        )
    };
    // Moving time changes what is indexed: only the wait ends.
    world.database.execute("UPDATE accounts SET next_mail_at = now()").await;
    world.database.execute("SELECT pg_stat_force_next_flush()").await;
    ada.resends().await.is(202);
    ada.activates_with(&wrong_code(&ada.mailed_code())).await.is_problem(403, "code-incorrect");

    all_connections_end(&mut world).await;
    let updates = world.database.number(&count("n_tup_upd")).await;
    assert!(updates >= 5, "the statistics know of {updates} updates");
    assert_eq!(world.database.number(&count("n_tup_hot_upd")).await, updates);
}
