//! States of the database, as far as a call can tell them apart.

use std::{collections::HashMap, sync::Mutex};

use world::World;

/// Everything but random ids, secrets and the audit log, which no function reads. Moments are
/// counted in tens of seconds from now: all calls of a sequence come within a few seconds.
const STATE: &str = r"
    WITH things (kind, owner, since, cells) AS (
        SELECT 'account', a.created_at, a.created_at, to_jsonb(a) FROM accounts a
         UNION ALL
        SELECT 'code', a.created_at, c.created_at, to_jsonb(c)
          FROM codes c JOIN accounts a ON a.id = c.account_id
         UNION ALL
        SELECT 'link', a.created_at, l.expires_at, to_jsonb(l)
          FROM password_resets l LEFT JOIN accounts a ON a.id = l.account_id
         UNION ALL
        SELECT 'limit ' || l.key::text, NULL, NULL, to_jsonb(l) FROM limits l WHERE l.taken <> '{}'
    ), told AS (
        SELECT concat_ws(' ', kind, dense_rank() OVER (ORDER BY owner),
                         row_number() OVER (PARTITION BY kind ORDER BY since), row.text) AS line
          FROM things, LATERAL (
              SELECT string_agg(concat(cell.key, '=', coalesce(moments.text, cell.value)), ' ')
                FROM jsonb_each_text(cells - '{id, account_id, mac, not_me_digest, digest,
                                               password_hash}'::text[]) AS cell,
                     LATERAL (
                  SELECT string_agg(round(extract(epoch FROM now() - m[1]::timestamptz) / 10)::text, ',')
                    FROM regexp_matches(cell.value, '\d{4}-\d\d-\d\dT[\d:.]+[+-][\d:]+', 'g') AS m
              ) AS moments (text)) AS row (text))
    SELECT string_agg(line, E'\n' ORDER BY line) FROM told";

/// States that sequences of calls led to, each with how many calls were played from there.
#[derive(Default)]
pub(crate) struct States(Mutex<HashMap<String, usize>>);

impl States {
    /// Whether this is the first time that this many calls will be played from here.
    pub(crate) async fn are_new_with(&self, world: &World, calls: usize) -> bool {
        let state: String = world.database.row(STATE).await.get(0);
        let mut played = self.0.lock().expect("no panic can come between");
        let most = played.entry(state).or_default();
        let is_new = calls > *most;
        *most = calls.max(*most);
        is_new
    }
}
