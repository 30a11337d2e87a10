//! What the database has noted of guesses, and what would have come of another one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::{
    domain::keys::Keys,
    testing::{Answer, Event},
};

use crate::{KEY, World};

/// Each table after those that it refers to.
pub const TABLES: [&str; 7] = [
    "accounts",
    "codes",
    "limits",
    "idempotency_keys",
    "password_resets",
    "ended_sessions",
    "audit_log",
];

impl World {
    /// How many comparisons this mailbox has paid for, however long ago.
    pub async fn paid_by(&self, mailbox: &str) -> i64 {
        self.places_taken_under("ADDRESS_GUESSES_PER_DAY", &[mailbox.as_bytes()]).await
    }

    /// How many places are taken under a limit.
    pub async fn places_taken_under(&self, limit: &str, subject: &[&[u8]]) -> i64 {
        let key = key(limit, subject);
        let count = format!("SELECT coalesce(sum(cardinality(taken)), 0) FROM limits {key}");
        self.database.number(&count).await
    }

    /// Lets time pass until the first guess that this mailbox paid for is so many seconds old.
    pub async fn first_guess_gets_old(&self, mailbox: &str, seconds: f64) {
        let key = key("ADDRESS_GUESSES_PER_DAY", &[mailbox.as_bytes()]);
        let age = format!("SELECT extract(epoch FROM now() - taken[1])::float8 FROM limits {key}");
        let age: f64 = self.database.row(&age).await.get(0);
        self.time_passes(seconds - age).await;
    }

    /// How many wrong guesses stand on the codes of all attempts.
    pub async fn counted_on_codes(&self) -> i64 {
        self.database.number("SELECT coalesce(sum(wrong_guesses), 0) FROM codes").await
    }

    /// Codes that nobody was mailed.
    pub fn wrong_codes(&self) -> impl Iterator<Item = String> {
        let mailed = self.ses.codes();
        let digits = mailed.iter().next().map_or(4, String::len);
        (0..10_000).map(move |n| format!("{n:0digits$}")).filter(move |code| !mailed.contains(code))
    }

    /// A code that nobody was mailed.
    pub fn wrong_code(&self) -> String {
        self.wrong_codes().next().expect("few codes were mailed")
    }

    /// What would be answered to each of these, if it were sent now. It never happened afterwards.
    pub async fn would_answer(&self, events: &[Event]) -> Vec<Answer> {
        self.keeps("before").await;
        let mut answers = Vec::with_capacity(events.len());
        for event in events {
            answers.push(self.send(event).await);
            self.goes_back_to("before").await;
        }
        answers
    }

    /// Notes all rows under this name, to come back to them.
    pub async fn keeps(&self, name: &str) {
        let is_new = "SELECT to_regnamespace('kept') IS NULL";
        if self.database.row(is_new).await.get(0) {
            self.database.execute(&kept()).await;
        }
        let rows = TABLES.map(|table| format!("ARRAY(SELECT t FROM {table} t)")).join(", ");
        let keep = format!(
            "BEGIN; DELETE FROM kept.states WHERE name = '{name}'; \
             INSERT INTO kept.states VALUES ('{name}', now(), pg_current_xact_id()::xid, {rows}); COMMIT"
        );
        self.database.execute(&keep).await;
    }

    /// Makes all rows as they were when they were noted under this name, and as old: what takes
    /// long is not what a story is about.
    pub async fn goes_back_to(&self, name: &str) {
        let go_back = format!("SELECT kept.go_back('{name}')");
        let seconds: f64 = self.database.row(&go_back).await.get(0);
        if seconds > 0.5 {
            self.time_passes(-seconds).await;
        }
    }
}

/// Where rows are kept: a row for each name, an array for each table. Going back removes what was
/// written since, as PostgreSQL's own `xmin` tells, and tells how long ago the rows were kept.
fn kept() -> String {
    let of_each = |what: fn(&str) -> String| TABLES.map(what).concat();
    let columns = of_each(|table| format!(", {table} {table}[]"));
    let restore = of_each(|table| {
        format!(
            "DELETE FROM {table} t WHERE age(xmin) < age(was.transaction); \
             INSERT INTO {table} SELECT * FROM unnest(was.{table}) ON CONFLICT DO NOTHING; "
        )
    });
    format!(
        "BEGIN; CREATE SCHEMA kept; \
         CREATE UNLOGGED TABLE kept.states (name text PRIMARY KEY, \
         at timestamptz, transaction xid {columns}); \
         CREATE FUNCTION kept.go_back(state text) RETURNS float8 LANGUAGE plpgsql AS $$ \
         DECLARE was kept.states; \
         BEGIN \
             SELECT * INTO STRICT was FROM kept.states WHERE name = state; {restore} \
             UPDATE kept.states SET transaction = pg_current_xact_id()::xid WHERE name = state; \
             RETURN extract(epoch FROM now() - was.at); \
         END $$; COMMIT"
    )
}

fn key(limit: &str, subject: &[&[u8]]) -> String {
    let key = Keys::try_from(KEY).expect("a key").limit_key(limit, subject);
    let base64 = STANDARD.encode(key);
    format!("WHERE key = decode('{base64}', 'base64')")
}
