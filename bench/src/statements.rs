//! Reads the costs of statements from PostgreSQL's statistics, and names the statements.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use crate::{cost::Cost, error::Outcome};

/// The cost of each statement, by its text.
pub(crate) type Counted = BTreeMap<String, Cost>;

const RESET: &str = "
    SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = $1";

/// Role 10 is the superuser, as which the bench itself prepares data between requests.
const READ: &str = "
    SELECT s.query, s.calls::float8, s.total_plan_time, s.total_exec_time,
           s.shared_blks_hit::float8, s.shared_blks_read::float8, s.shared_blks_dirtied::float8,
           s.wal_bytes::float8, s.wal_fpi::float8
      FROM pg_stat_statements s
      JOIN pg_database d ON d.oid = s.dbid
     WHERE d.datname = $1
       AND s.userid <> 10";

/// Resets the statistics of this database.
pub(crate) async fn reset(client: &Client, database: &str) -> Outcome<()> {
    client.execute(RESET, &[&database]).await?;
    Ok(())
}

/// The statements that functions have run in this database since the last reset.
pub(crate) async fn counted(client: &Client, database: &str) -> Outcome<Counted> {
    let mut counted = Counted::new();
    for row in client.query(READ, &[&database]).await? {
        let cost = Cost::of(std::array::from_fn(|index| row.get(index + 1)));
        let sum = counted.entry(row.get(0)).or_default();
        *sum = sum.plus(cost);
    }
    Ok(counted)
}

/// The SQL function that the statement calls, or else its first words.
pub(crate) fn name_of(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    called_function(&words).or_else(|| with_list(&words)).unwrap_or_else(|| first(&words))
}

/// `SELECT … FROM schema.name(…)`.
fn called_function(words: &[&str]) -> Option<String> {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    words.windows(2).find_map(|pair| {
        let (head, _) = pair[1].split_once('(')?;
        let (schema, name) = head.split_once('.')?;
        let is_call = pair[0].eq_ignore_ascii_case("FROM") && is_name(schema) && is_name(name);
        is_call.then(|| name.to_owned())
    })
}

/// `WITH one AS (…), two AS MATERIALIZED (…)`: the names of the parts distinguish such statements.
fn with_list(words: &[&str]) -> Option<String> {
    const SHOWN: usize = 3;
    if !words.first()?.eq_ignore_ascii_case("WITH") {
        return None;
    }
    let is_part = |next: &str| next.starts_with('(') || next == "MATERIALIZED";
    let parts: Vec<&str> = words
        .windows(3)
        .filter(|three| three[1] == "AS" && is_part(three[2]))
        .map(|three| three[0])
        .collect();
    let shown = parts[..parts.len().min(SHOWN)].join(", ");
    Some(format!("WITH {shown}: {} parts", parts.len()))
}

/// The first words, without the list of columns.
fn first(words: &[&str]) -> String {
    const MAX_CHARS: usize = 44;
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    let from = words.iter().position(|word| is(word, "FROM"));
    let text = match from {
        Some(from) if from > 2 && is(words[0], "SELECT") => {
            format!("SELECT … {}", words[from..].join(" "))
        }
        _ => words.join(" "),
    };
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_named_after_its_function() {
        let call = "SELECT * FROM functions_0a1b.guess(attempt => $1, macs => $2)";
        assert_eq!(name_of(call), "guess");
        assert_eq!(
            name_of("SELECT f.id\n  FROM s.f ( $1 ) AS f"),
            "SELECT f.id FROM s.f ( $1 ) AS f"
        );
    }

    #[test]
    fn another_statement_is_named_after_its_beginning() {
        let text = "\n WITH one AS MATERIALIZED (\n SELECT 1 AS n), two AS (DELETE FROM t) SELECT";
        assert_eq!(name_of(text), "WITH one, two: 2 parts");
        assert_eq!(name_of("SELECT $1"), "SELECT $1");
        assert_eq!(name_of("SELECT id, email FROM a WHERE b"), "SELECT … FROM a WHERE b");
        let long = "UPDATE accounts SET disabled_at = now(), generation = generation + $1";
        assert_eq!(name_of(long), "UPDATE accounts SET disabled_at = now(), gen…");
    }
}
