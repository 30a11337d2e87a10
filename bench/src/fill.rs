//! The state of a service that has grown to a size: accounts of three years, and what their last
//! day has left. Only this module knows tables.

use std::cell::RefCell;

use tokio_postgres::{Client, Row};

use crate::{error::Outcome, journeys, progress::Progress, server::connect, world::World};

/// Few enough rows that the bar moves, and enough that the round trip between chunks costs nothing.
const CHUNK: u32 = 50_000;

/// Indexes that no constraint needs: it is much faster to build them at the end.
const INDEXES: &str = "
    SELECT quote_ident(c.relname), pg_get_indexdef(i.indexrelid), i.indrelid::regclass::text
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
     ORDER BY c.relname";

/// For this session: foreign keys hold by construction.
const SETTINGS: &str = "
    SET session_replication_role = replica;
    SET work_mem = '64MB'";

/// Which version the ids have that these functions make: a system that has grown with them has
/// no others. One of version 7 goes to the end of an index, one of version 4 anywhere.
const ID_VERSION: &str = "SELECT max(uuid_extract_version(id))::int4 FROM accounts";

/// Rows to insert, numbered from 1.
struct Rows {
    /// One row for each `share` accounts; 0: three rows for each attempt.
    share: u32,
    /// `{id}` becomes an id of the moment `at`, `{n}` how many rows there are, and `{from}` and
    /// `{to}` which of them to insert.
    statement: &'static str,
}

/// Accounts that are the older the lower their number is.
const ACCOUNTS: &str = "
    INSERT INTO accounts (id, email, password_hash, locale, created_at, activated_at, mailed_at,
                          next_mail_at)
    SELECT {id}, substr(md5(i::text), 1, 16) || '@example.org',
           '$argon2id$v=19$m=19456,t=2,p=1$' || substr(md5('salt' || i), 1, 22) || '$'
               || substr(md5('hash' || i) || md5('more' || i), 1, 43),
           'en', at, at + interval '20 s', ARRAY[at], at + interval '30 s'
      FROM (SELECT i, now() - interval '1095 days' * (1 - i / {n}::float8) AS at
              FROM generate_series({from}, {to}) AS i)";

/// An entry for each account. They are kept for 400 days.
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

/// Links to a new password that were mailed for addresses without an account.
const PASSWORD_RESETS: &str = "
    INSERT INTO password_resets (digest, expires_at)
    SELECT sha256(int8send(i)), now() + interval '30 min' * (i / {n}::float8)
      FROM generate_series({from}, {to}) AS i";

const ENDED_SESSIONS: &str = "
    INSERT INTO ended_sessions (id, expires_at)
    SELECT {id}, now() + interval '30 min' * (i / {n}::float8)
      FROM (SELECT i, now() AS at FROM generate_series({from}, {to}) AS i)";

/// Rows that are inserted side by side with those of the other lane, each lane on a connection of
/// its own. The order within a table is that of time, as in a system that has grown.
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

/// The tables of each lane: a foreign key crosses none.
const FIRST_LANE: [&str; 3] = ["accounts", "codes", "password_resets"];
const SECOND_LANE: [&str; 4] = ["audit_log", "limits", "idempotency_keys", "ended_sessions"];

/// The codes of everything that was mailed in the last 24 hours.
const CODES: &str = "
    INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, created_at, expires_at, used_at)
    SELECT {id}, id, sha256(uuid_send(id)), 'first', sha256(uuid_send(id) || 'n'), at,
           at + interval '60 s', activated_at
      FROM (SELECT id, created_at AS at, activated_at
              FROM accounts
             WHERE created_at > now() - interval '24 hours')";

/// Fills the database of a world.
pub(crate) async fn fill(world: &mut World) -> Outcome<()> {
    // The functions show what ids they make.
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
    // As autovacuum leaves them, with the pages on disk that production has there.
    for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        database.batch_execute(statement).await?;
        advance();
    }
    Ok(())
}

/// Returns the definitions of the indexes, by lane.
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

/// One transaction, which has these tables for itself, and those of later migrations that refer to
/// them.
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

/// A server that has run for days has the indexes in its memory. Of the tables, requests read only
/// rows that are new.
const WARM_CACHE: &str = "
    CREATE EXTENSION IF NOT EXISTS pg_prewarm;
    SELECT pg_prewarm(oid)
      FROM (SELECT oid FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'i')";

/// Reads what was written past the server's memory.
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
