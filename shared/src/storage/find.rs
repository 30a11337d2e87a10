//! Whom a request with credentials may mean.

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Session, StorageError},
    limits::{Admission, Wanted, number, take_places},
    sign_up::seconds,
};
use crate::domain::{email::Email, limits::Place, password::PasswordHash};

/// Whom a request means.
pub enum Who<'a> {
    /// The attempt with this id, when its address is this one.
    Named(Uuid, &'a Email),
    /// The active account of the address, or the attempt that the code fits.
    Unnamed(&'a Email),
}

/// The limits of guessing for one caller and one address.
pub struct GuessRules {
    /// Wrong guesses on each code; 0 turns the limit off.
    pub code_guesses: u32,
    /// The address's budget in any 24 hours.
    pub address: Place,
    /// The network's wrong guesses.
    pub network: Place,
    /// Mails of an attempt in 24 hours: decides when a new code may be asked for.
    pub attempt_mails: u32,
}

/// How an attempt was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The code chose it among several attempts of the address.
    pub is_by_code: bool,
    /// Codes that it was compared with to choose. The address has paid for them.
    pub paid: u32,
}

/// A row that the credentials may belong to.
pub struct Candidate {
    /// Its id.
    pub id: Uuid,
    /// One more with every new password: what a session is bound to.
    pub generation: i32,
    /// Its password.
    pub password_hash: PasswordHash,
    /// The keys that its codes were signed with.
    pub key_ids: Vec<String>,
}

/// Up to two rows that the credentials may belong to.
pub struct Candidates {
    /// The active account of the address; never looked for when the request names an attempt.
    pub account: Option<Candidate>,
    /// The attempt.
    pub attempt: Option<Candidate>,
    /// How the attempt was found.
    pub choice: Choice,
}

/// Makes sure that the rows of the guess budgets exist before `GUESS` locks them:
/// a row that does not exist cannot be locked. The address's comes first, as when choosing is
/// paid for. `$4` keys, `$5` places, `$6` seconds.
macro_rules! prepare_budgets {
    () => {
        "prepared AS (
        INSERT INTO limits (key, places, seconds, taken)
        SELECT key, places, seconds, '{}'
          FROM unnest($4::bytea[], $5::int4[], $6::int4[]) AS b (key, places, seconds)
         WHERE (SELECT count(*) FROM taken) = cardinality($1)
            ON CONFLICT DO NOTHING
    )"
    };
}

/// The keys that the codes of a row were signed with: a few in all, whether they are alive or not.
macro_rules! key_ids {
    ($row:literal) => {
        concat!("ARRAY(SELECT DISTINCT key_id FROM codes WHERE account_id = ", $row, ".id)")
    };
}

const FIND_NAMED: &str = concat!(
    take_places!(),
    ", ",
    prepare_budgets!(),
    "
    SELECT admission.*,
           NULL::uuid AS account_id, NULL AS account_hash, '{}'::text[] AS account_keys,
           NULL::int4 AS account_generation,
           attempt.id AS attempt_id, attempt.password_hash AS attempt_hash,
           attempt.generation AS attempt_generation,
           ",
    key_ids!("attempt"),
    " AS attempt_keys,
           false AS is_by_code, 0 AS paid
      FROM admission
      LEFT JOIN accounts attempt ON attempt.id = $7 AND attempt.email = $8
"
);

/// The same on its own, should a row have been purged in between.
const PREPARE: &str = "
    INSERT INTO limits (key, places, seconds, taken)
    SELECT key, places, seconds, '{}'
      FROM unnest($1::bytea[], $2::int4[], $3::int4[]) AS b (key, places, seconds)
        ON CONFLICT DO NOTHING
";

/// Without a name, the code chooses among the attempts of the address. That compares it with
/// each live code, so it is done only if the address's budget could pay for a wrong guess with
/// all of them, and the codes of every attempt but the newest are paid for at once: afterwards
/// is too late, when many guesses arrive together, or when the password is not the newest's.
/// A right guess gets them back in `GUESS`. Otherwise the newest attempt is meant.
///
/// Codes count until their deadline here even if they were used: that somebody activated must
/// change nothing for anybody else. While an account is active no code chooses: the attempts that
/// lost to it behave as if theirs were never guessed.
///
/// Limits are locked in the same order everywhere: places, then the address's budget.
///
/// `$7` address, `$8` MACs, `$9` guesses per code, `$10` and `$11` the address's budget.
const FIND_UNNAMED: &str = concat!(
    take_places!(),
    ", ",
    prepare_budgets!(),
    ", newest AS (
        SELECT id
          FROM accounts
         WHERE email = $7
         ORDER BY created_at DESC, id DESC
         LIMIT 1
    ), alive AS (
        SELECT c.account_id, c.mac = ANY ($8) AS fits
          FROM accounts a
          JOIN codes c ON c.account_id = a.id
         WHERE a.email = $7
           AND c.expires_at > now()
           AND ($9 = 0 OR c.wrong_guesses < $9)
    ), price AS (
        SELECT count(*)::int4 AS of_all,
               count(*) FILTER (WHERE account_id <> newest.id)::int4 AS of_others
          FROM alive, newest
    ), paid AS (
        INSERT INTO limits AS l (key, places, seconds, taken)
        SELECT $10, $11, 86400, array_fill(now(), ARRAY[of_others])
          FROM price
         WHERE $11 > 0
           AND of_all <= $11
           AND of_others > 0
           AND cardinality($8) > 0
           AND (SELECT count(*) FROM taken) = cardinality($1)
            ON CONFLICT (key) DO UPDATE
           SET taken = ARRAY(SELECT t FROM unnest(l.taken) AS t
                              WHERE t > now() - interval '24 hours') || excluded.taken
         WHERE (SELECT count(*) FROM unnest(l.taken) AS t
                 WHERE t > now() - interval '24 hours')
             + (SELECT of_all FROM price) <= $11
     RETURNING key
    ), attempt AS (
        SELECT a.id, a.password_hash, a.generation, a.id <> newest.id AS is_by_code
          FROM accounts a, newest
         WHERE a.id = newest.id
            OR ($11 = 0 OR EXISTS (SELECT FROM paid))
               AND a.email = $7
               AND a.id IN (SELECT account_id FROM alive WHERE fits)
               AND NOT EXISTS (SELECT FROM accounts WHERE email = $7 AND activated_at IS NOT NULL)
         ORDER BY a.id IN (SELECT account_id FROM alive WHERE fits) DESC,
                  a.created_at DESC, a.id DESC
         LIMIT 1
    )
    SELECT admission.*,
           account.id AS account_id, account.password_hash AS account_hash,
           account.generation AS account_generation,
           ",
    key_ids!("account"),
    " AS account_keys,
           attempt.id AS attempt_id, attempt.password_hash AS attempt_hash,
           attempt.generation AS attempt_generation,
           ",
    key_ids!("attempt"),
    " AS attempt_keys,
           coalesce(attempt.is_by_code, false) AS is_by_code,
           coalesce((SELECT of_others FROM price, paid), 0) AS paid
      FROM admission
      LEFT JOIN accounts account ON account.email = $7 AND account.activated_at IS NOT NULL
      LEFT JOIN attempt ON true
"
);

impl Session<'_> {
    /// Takes the places that a check of credentials needs, and finds whom they may belong to.
    /// `code`, with all its MACs, chooses among several attempts of an address.
    pub async fn find(
        &mut self,
        who: &Who<'_>,
        places: &[Place],
        code: Option<(&[Vec<u8>], &GuessRules)>,
    ) -> Result<(Admission, Candidates), StorageError> {
        let wanted = Wanted::of(places);
        let budgets = code.map(|(_, rules)| [rules.address.clone(), rules.network.clone()]);
        let budgets = Wanted::of(budgets.as_ref().map_or(&[], |budgets| budgets.as_slice()));
        let row = match who {
            Who::Named(id, email) => self.find_named(&wanted, &budgets, *id, email).await?,
            Who::Unnamed(email) => self.find_unnamed(&wanted, &budgets, email, code).await?,
        };
        let candidates = Candidates {
            account: candidate(&row, "account")?,
            attempt: candidate(&row, "attempt")?,
            choice: Choice { is_by_code: row.try_get("is_by_code")?, paid: seconds(&row, "paid")? },
        };
        Ok((self.admission(&wanted, &row).await?, candidates))
    }

    /// Makes sure once more that the rows of the guess budgets exist.
    pub(super) async fn prepare_budgets(&mut self, budgets: &[Place]) -> Result<(), StorageError> {
        self.query(PREPARE, &Wanted::of(budgets).parameters()).await.map(drop)
    }

    async fn find_named(
        &mut self,
        wanted: &Wanted,
        budgets: &Wanted,
        id: Uuid,
        email: &Email,
    ) -> Result<Row, StorageError> {
        let [keys, places, seconds] = wanted.parameters();
        let [budget_keys, budget_places, budget_seconds] = budgets.parameters();
        let parameters = [
            keys,
            places,
            seconds,
            budget_keys,
            budget_places,
            budget_seconds,
            (&id, Type::UUID),
            (&email.as_str(), Type::TEXT),
        ];
        self.query_one(FIND_NAMED, &parameters).await
    }

    async fn find_unnamed(
        &mut self,
        wanted: &Wanted,
        budgets: &Wanted,
        email: &Email,
        code: Option<(&[Vec<u8>], &GuessRules)>,
    ) -> Result<Row, StorageError> {
        // Without a code nothing fits, and the newest attempt is meant.
        let macs = code.map_or(&[] as &[Vec<u8>], |(macs, _)| macs);
        let code_guesses = code.map_or(0, |(_, rules)| number(rules.code_guesses));
        let budget_key = code.map_or(&[] as &[u8], |(_, rules)| &rules.address.key);
        let budget = code.map_or(0, |(_, rules)| number(rules.address.places));
        let [keys, places, seconds] = wanted.parameters();
        let [budget_keys, budget_places, budget_seconds] = budgets.parameters();
        let parameters = [
            keys,
            places,
            seconds,
            budget_keys,
            budget_places,
            budget_seconds,
            (&email.as_str() as _, Type::TEXT),
            (&macs, Type::BYTEA_ARRAY),
            (&code_guesses, Type::INT4),
            (&budget_key, Type::BYTEA),
            (&budget, Type::INT4),
        ];
        self.query_one(FIND_UNNAMED, &parameters).await
    }
}

/// Nobody, too, is an account without a password: no password is right for it.
fn candidate(row: &Row, name: &str) -> Result<Option<Candidate>, StorageError> {
    let column = |what| format!("{name}_{what}");
    let id: Option<Uuid> = row.try_get(&*column("id"))?;
    let hash: Option<String> = row.try_get(&*column("hash"))?;
    let Some((id, hash)) = id.zip(hash) else { return Ok(None) };
    Ok(Some(Candidate {
        id,
        generation: row.try_get(&*column("generation"))?,
        password_hash: PasswordHash::from_phc(hash),
        key_ids: row.try_get(&*column("keys"))?,
    }))
}
