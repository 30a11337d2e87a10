//! Measures how fast `purge` deletes.

use serde::Serialize;

use crate::{cost::Cost, error::Outcome, world::World};

/// Makes some rows of each table old enough for `purge`.
const AGE: [&str; 5] = [
    "UPDATE codes SET expires_at = expires_at - interval '3 days'
      WHERE id IN (SELECT id FROM codes ORDER BY created_at LIMIT 20000)",
    "UPDATE accounts SET created_at = created_at - interval '9 days',
                         next_mail_at = next_mail_at - interval '9 days'
      WHERE id IN (SELECT id FROM accounts WHERE activated_at IS NULL
                    ORDER BY created_at LIMIT 20000)",
    "UPDATE limits SET taken = ARRAY(SELECT t - interval '2 days' FROM unnest(taken) AS t)
      WHERE key IN (SELECT key FROM limits ORDER BY key LIMIT 20000)",
    "UPDATE idempotency_keys SET claimed_at = claimed_at - interval '2 days'
      WHERE (email, key) IN (SELECT email, key FROM idempotency_keys ORDER BY email LIMIT 20000)",
    "UPDATE audit_log SET at = at - interval '401 days'
      WHERE id IN (SELECT id FROM audit_log ORDER BY at LIMIT 20000)",
];

/// The result of one run of `purge`.
#[derive(Debug, Serialize)]
pub(crate) struct Purged {
    pub(crate) tables: Vec<Deleted>,
    /// Planning and execution time of all statements.
    pub(crate) database_ms: f64,
    pub(crate) rows: f64,
}

/// The rows deleted from one table.
#[derive(Debug, Serialize)]
pub(crate) struct Deleted {
    pub(crate) table: String,
    pub(crate) rows: f64,
    /// The time of the statements that name the table, if any does.
    pub(crate) database_ms: Option<f64>,
}

/// Makes rows old, then purges.
pub(crate) async fn purge(world: &World) -> Outcome<Purged> {
    for statement in AGE {
        world.database.batch_execute(statement).await?;
    }
    world.reset_statistics().await?;
    let answer = world.binaries.purge(&world.url).await?;
    let counted = world.counted().await?;
    let ms_of = |is_meant: &dyn Fn(&str) -> bool| {
        let costs: Vec<&Cost> =
            counted.iter().filter(|(text, _)| is_meant(text)).map(|(_, cost)| cost).collect();
        (!costs.is_empty()).then(|| costs.iter().map(|cost| cost.database_ms()).sum::<f64>())
    };
    let deleted = answer["deleted"].as_object().cloned().unwrap_or_default();
    let tables: Vec<_> = deleted
        .into_iter()
        .map(|(table, rows)| Deleted {
            rows: rows.as_f64().unwrap_or_default(),
            database_ms: ms_of(&|text| is_deletion_from(text, &table)),
            table,
        })
        .filter(|table| table.rows > 0.0)
        .collect();
    Ok(Purged {
        rows: tables.iter().map(|table| table.rows).sum(),
        database_ms: ms_of(&|_| true).unwrap_or_default(),
        tables,
    })
}

/// Whether the statement deletes from the table, or calls a function with the table in its name.
fn is_deletion_from(text: &str, table: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.contains(&format!("DELETE FROM {table}")) || text.contains(&format!("_{table}("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_belongs_to_the_table_it_deletes_from() {
        assert!(is_deletion_from("WITH d AS (DELETE\n FROM codes AS c", "codes"));
        assert!(is_deletion_from("SELECT * FROM f.purge_codes(batch => $1)", "codes"));
        assert!(!is_deletion_from("DELETE FROM accounts", "codes"));
    }
}
