//! States of the database to come back to, and what would be answered in one.

use shared::testing::{Answer, Event};

use crate::World;

impl World {
    /// Sends each of these and returns the answers. Puts the rows back after each, so that no request
    /// affects the next.
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
        let is_first = "SELECT to_regnamespace('kept') IS NULL";
        if self.database.row(is_first).await.get(0) {
            self.database.execute(&kept(&self.tables().await)).await;
        }
        self.database.row(&format!("SELECT kept.keep('{name}')")).await;
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
fn kept(tables: &[String]) -> String {
    let of_each =
        |what: fn(&str) -> String| tables.iter().map(|table| what(table)).collect::<String>();
    let columns = of_each(|table| format!(", {table} {table}[]"));
    let rows = of_each(|table| format!(", ARRAY(SELECT t FROM {table} t)"));
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
         CREATE FUNCTION kept.keep(state text) RETURNS void LANGUAGE sql AS $$ \
             DELETE FROM kept.states WHERE name = state; \
             INSERT INTO kept.states VALUES (state, now(), pg_current_xact_id()::xid {rows}) \
         $$; \
         CREATE FUNCTION kept.go_back(state text) RETURNS float8 LANGUAGE plpgsql AS $$ \
         DECLARE was kept.states; \
         BEGIN \
             SELECT * INTO STRICT was FROM kept.states WHERE name = state; {restore} \
             UPDATE kept.states SET transaction = pg_current_xact_id()::xid WHERE name = state; \
             RETURN extract(epoch FROM now() - was.at); \
         END $$; COMMIT"
    )
}
