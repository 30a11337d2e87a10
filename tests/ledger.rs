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

    /// What would be answered, if this were sent now. It never happened afterwards.
    pub async fn would_answer(&self, event: &Event) -> Answer {
        self.keeps("before").await;
        let answer = self.send(event).await;
        self.goes_back_to("before").await;
        answer
    }

    /// Notes all rows under this name, to come back to them.
    pub async fn keeps(&self, name: &str) {
        let keep = TABLES.map(|t| {
            format!(
                "CREATE UNLOGGED TABLE IF NOT EXISTS {name}_{t} (LIKE {t}); \
                 DELETE FROM {name}_{t}; INSERT INTO {name}_{t} TABLE {t}"
            )
        });
        self.database.execute(&keep.join("; ")).await;
    }

    /// Makes all rows as they were when they were noted under this name.
    pub async fn goes_back_to(&self, name: &str) {
        let delete = TABLES.map(|t| format!("DELETE FROM {t}"));
        let delete: Vec<String> = delete.into_iter().rev().collect();
        let restore = TABLES.map(|t| format!("INSERT INTO {t} TABLE {name}_{t}"));
        let statements = format!("BEGIN; {}; {}; COMMIT", delete.join("; "), restore.join("; "));
        self.database.execute(&statements).await;
    }
}

fn key(limit: &str, subject: &[&[u8]]) -> String {
    let key = Keys::try_from(KEY).expect("a key").limit_key(limit, subject);
    let base64 = STANDARD.encode(key);
    format!("WHERE key = decode('{base64}', 'base64')")
}
