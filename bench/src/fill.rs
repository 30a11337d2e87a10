//! Fills a database like that of a grown service: the accounts of three years, and the other rows
//! of the last day. The only module that knows the tables.

use std::cell::RefCell;

use bench::Progress;
use tokio_postgres::{Client, Row};

use crate::{error::Outcome, journeys, server::connect, world::World};

/// Rows per statement: few enough that the progress bar moves, and enough that round trips do not
/// matter.
const CHUNK: u32 = 50_000;

/// Indexes that no constraint needs: building them at the end is much faster.
const INDEXES: &str = "
    SELECT quote_ident(c.relname), pg_get_indexdef(i.indexrelid), i.indrelid::regclass::text
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
     ORDER BY c.relname";

/// Turns off foreign keys in this session; the rows satisfy them by construction.
const SETTINGS: &str = "
    SET session_replication_role = replica;
    SET work_mem = '64MB'";

/// The version of the ids that the measured functions make, since a grown database has only those.
/// An id of version 7 goes to the end of an index, one of version 4 anywhere.
const ID_VERSION: &str = "SELECT max(uuid_extract_version(id))::int4 FROM accounts";

/// Rows to insert, numbered from 1.
struct Rows {
    /// One row per `share` accounts; 0: three rows per attempt.
    share: u32,
    /// `{id}` is replaced by an id of the time `at`, `{n}` by the number of rows, `{from}` and
    /// `{to}` by the rows to insert.
    statement: &'static str,
}

/// Accounts with lower numbers are older.
const ACCOUNTS: &str = "
    INSERT INTO accounts (id, email, password_hash, locale, created_at, activated_at, mailed_at,
                          next_mail_at)
    SELECT {id}, substr(md5(i::text), 1, 16) || '@example.org',
           '$argon2id$v=19$m=19456,t=2,p=1$' || substr(md5('salt' || i), 1, 22) || '$'
               || substr(md5('hash' || i) || md5('more' || i), 1, 43),
           'en', at, at + interval '20 s', ARRAY[at], at + interval '30 s'
      FROM (SELECT i, now() - interval '1095 days' * (1 - i / {n}::float8) AS at
              FROM generate_series({from}, {to}) AS i)";

/// One entry per account. `purge` keeps entries for 400 days.
const AUDIT_LOG: &str = "
    INSERT INTO audit_log (at, action, account_id)
    SELECT at, 'activated', {id}
      FROM (SELECT now() - interval '390 days' * (1 - i / {n}::float8) AS at
              FROM generate_series({from}, {to}) AS i)";

/// Attempts of the last 24 hours that were not activated.
const ATTEMPTS: &str = "
    INSERT INTO accounts (id, email, password_hash, locale, created_at, mailed_at, next_mail_at)
    SELECT {id}, substr(md5('attempt' || i), 1, 16) || '@example.org',
           '$argon2id$v=19$m=19456,t=2,p=1$' || substr(md5('salt' || i), 1, 22) || '$'
               || substr(md5('hash' || i) || md5('more' || i), 1, 43),
           'en', at, ARRAY[at], at + interval '30 s'
      FROM (SELECT i, now() - interval '1 day' * (1 - i / {n}::float8) AS at
              FROM generate_series({from}, {to}) AS i)";

/// Places of the last day or hour, under three limits of each attempt.
const LIMITS: &str = "
    INSERT INTO limits (key, places, seconds, taken)
    SELECT sha256(int8send(i)), 10, seconds,
           CASE WHEN i % 2 = 0 THEN ARRAY[at] ELSE ARRAY[at - interval '1 min', at] END
      FROM (SELECT i, seconds, now() - make_interval(secs => seconds * (1 - i / {n}::float8)) AS at
              FROM (SELECT i, CASE WHEN i % 3 = 0 THEN 3600 ELSE 86400 END AS seconds
                      FROM generate_series({from}, {to}) AS i))";

const IDEMPOTENCY_KEYS: &str = "
    INSERT INTO idempotency_keys (email, key, payload_mac, claimed_at, account_id, expires_at)
    SELECT substr(md5('key' || i), 1, 16) || '@example.org', gen_random_uuid()::text,
           sha256(int8send(i)), at, gen_random_uuid(), at + interval '60 s'
      FROM (SELECT i, now() - interval '1 day' * (1 - i / {n}::float8) AS at
              FROM generate_series({from}, {to}) AS i)";

/// Password reset links that were requested for addresses without an account.
const PASSWORD_RESETS: &str = "
    INSERT INTO password_resets (digest, expires_at)
    SELECT sha256(int8send(i)), now() + interval '30 min' * (i / {n}::float8)
      FROM generate_series({from}, {to}) AS i";

const ENDED_SESSIONS: &str = "
    INSERT INTO ended_sessions (id, expires_at)
    SELECT {id}, now() + interval '30 min' * (i / {n}::float8)
      FROM (SELECT i, now() AS at FROM generate_series({from}, {to}) AS i)";

/// Two lists of rows that are inserted in parallel, each on its own connection. Within a table,
/// rows are inserted in order of time, as in a grown database.
const LANES: [&[Rows]; 2] = [
    &[
        Rows { share: 1, statement: ACCOUNTS },
        Rows { share: 10, statement: ATTEMPTS },
        Rows { share: 100, statement: PASSWORD_RESETS },
    ],
    &[
        Rows { share: 1, statement: AUDIT_LOG },
        Rows { share: 0, statement: LIMITS },
        Rows { share: 100, statement: IDEMPOTENCY_KEYS },
        Rows { share: 100, statement: ENDED_SESSIONS },
    ],
];

/// The tables of each lane. No foreign key refers to the other lane.
const FIRST_LANE: [&str; 3] = ["accounts", "codes", "password_resets"];
const SECOND_LANE: [&str; 4] = ["audit_log", "limits", "idempotency_keys", "ended_sessions"];

/// The codes that were mailed in the last 24 hours.
const CODES: &str = "
    INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, created_at, expires_at, used_at)
    SELECT {id}, id, sha256(uuid_send(id)), 'first', sha256(uuid_send(id) || 'n'), at,
           at + interval '60 s', activated_at
      FROM (SELECT id, created_at AS at, activated_at
              FROM accounts
             WHERE created_at > now() - interval '24 hours')";

/// Fills the database of a world.
pub(crate) async fn fill(world: &mut World) -> Outcome<()> {
    // A sign-up shows which ids the functions make.
    let mut first = world.people(1);
    journeys::sign_up(world, &mut first).await?;
    let database = &world.database;
    let version: i32 = database.query_one(ID_VERSION, &[]).await?.get(0);
    let id = if version == 7 { "uuidv7(at - now())" } else { "gen_random_uuid()" };
    let size = world.size;
    let label = format!("fill {} ({size} accounts, ids of version {version})", world.side);

    let (first, second) = drop_indexes(database).await?;
    let chunks = |rows: &Rows| rows.count(size).div_ceil(CHUNK) as usize;
    let chunks: usize = LANES.iter().flat_map(|rows| rows.iter().map(chunks)).sum();
    let progress = RefCell::new(Progress::start(&label, chunks + first.len() + second.len() + 2));
    let advance = || progress.borrow_mut().advance(1);
    let lanes = (connect(&world.url).await?, connect(&world.url).await?);
    let fill_first = async {
        begin(&lanes.0, &FIRST_LANE).await?;
        insert(&lanes.0, LANES[0], (size, id), &advance).await?;
        lanes.0.batch_execute(&CODES.replace("{id}", id)).await?;
        build(&lanes.0, &first, &advance).await
    };
    let fill_second = async {
        begin(&lanes.1, &SECOND_LANE).await?;
        insert(&lanes.1, LANES[1], (size, id), &advance).await?;
        build(&lanes.1, &second, &advance).await
    };
    tokio::try_join!(fill_first, fill_second)?;
    // Leaves the tables as autovacuum would, and their pages on disk, as in production.
    for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        database.batch_execute(statement).await?;
        advance();
    }
    Ok(())
}

/// Drops the indexes, and returns their definitions by lane.
async fn drop_indexes(database: &Client) -> Outcome<(Vec<String>, Vec<String>)> {
    let indexes = database.query(INDEXES, &[]).await?;
    for index in &indexes {
        let name: &str = index.get(0);
        database.batch_execute(&format!("DROP INDEX {name}")).await?;
    }
    let (first, second): (Vec<_>, Vec<_>) =
        indexes.iter().partition(|index| FIRST_LANE.contains(&index.get::<_, &str>(2)));
    let definitions = |indexes: Vec<&Row>| indexes.iter().map(|index| index.get(1)).collect();
    Ok((definitions(first), definitions(second)))
}

/// Begins a transaction with exclusive access to these tables, and to tables of later migrations
/// that refer to them.
async fn begin(database: &Client, tables: &[&str]) -> Outcome<()> {
    let truncate = format!("{SETTINGS}; BEGIN; TRUNCATE {} CASCADE", tables.join(", "));
    Ok(database.batch_execute(&truncate).await?)
}

/// Builds the indexes, and ends the transaction.
async fn build(database: &Client, indexes: &[String], advance: &dyn Fn()) -> Outcome<()> {
    for definition in indexes {
        database.batch_execute(definition).await?;
        advance();
    }
    Ok(database.batch_execute("COMMIT").await?)
}

/// Loads the indexes, which a server that has run for days has in memory. Of the tables, requests
/// read only new rows.
const WARM_CACHE: &str = "
    CREATE EXTENSION IF NOT EXISTS pg_prewarm;
    SELECT pg_prewarm(oid)
      FROM (SELECT oid FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'i')";

/// Call after building the indexes, which writes them past the server's cache.
pub(crate) async fn warm_cache(world: &World) -> Outcome<()> {
    Ok(world.database.batch_execute(WARM_CACHE).await?)
}

impl Rows {
    fn count(&self, accounts: u32) -> u32 {
        accounts.checked_div(self.share).unwrap_or(accounts / 10 * 3)
    }
}

async fn insert(
    database: &Client,
    lane: &[Rows],
    (size, id): (u32, &str),
    advance: &dyn Fn(),
) -> Outcome<()> {
    for rows in lane {
        let count = rows.count(size);
        let statement = rows.statement.replace("{id}", id).replace("{n}", &count.to_string());
        for from in (1..=count).step_by(CHUNK as usize) {
            let to = count.min(from + CHUNK - 1);
            let statement = statement.replace("{from}", &from.to_string());
            database.batch_execute(&statement.replace("{to}", &to.to_string())).await?;
            advance();
        }
    }
    Ok(())
}
