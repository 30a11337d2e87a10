//! What comes of a guess.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Parameter, Session, StorageError},
    find::{Choice, GuessRules},
    limits::{Taken, give_back, number},
    sign_up::{given_back, seconds},
};
use crate::domain::limits::GuessesLeft;

/// An account that is active.
#[derive(Debug)]
pub struct Activated {
    /// Its id, the same as the attempt's.
    pub id: Uuid,
    /// Its address, as normalised.
    pub email: String,
    /// When it was activated.
    pub activated_at: DateTime<Utc>,
    /// Seconds since its code was stored, just before it was mailed. Nothing when this request
    /// only repeats the one that activated it.
    pub seconds_since_mail: Option<f64>,
}

/// What came of a guess.
#[derive(Debug)]
pub enum Guess {
    /// The account is active, by this very code: now, or a few minutes ago.
    Activated(Activated),
    /// The account was activated before, by another code.
    AlreadyActive,
    /// Wrong.
    Incorrect {
        /// How many more wrong guesses the attempt could make now.
        attempts_left: u32,
    },
    /// No code of this attempt is alive.
    Expired {
        /// Seconds until a new code may be asked for.
        resend_in: u32,
    },
    /// The guesses of every live code are used up.
    Exhausted {
        /// Seconds until a new code may be asked for.
        resend_in: u32,
    },
    /// The guesses of the address, or of the network, are used up. Nothing was compared.
    LimitReached {
        /// Seconds until a guess may be made.
        retry_after: u32,
    },
    /// The attempt does not exist any more.
    Gone,
}

/// One guess, decided and counted in one statement.
///
/// First every row that the decision rests on is locked, always in the same order: the attempt,
/// its codes, the places to be given back, the budgets. Locked rows are read in their newest
/// version, so guesses that arrive together are judged one after the other. Then `judged` decides,
/// and the rest carries it out.
///
/// `lost`: another attempt of this address is active, or its owner disowned this one. No code activates this one any more, and a
/// right one counts as wrong, so that its owner cannot tell.
///
/// `$1`, `$2` give back the places that checking the password had taken; `$3` attempt, `$4` MACs,
/// `$5` guesses per code, `$6`, `$7` the address's budget, `$8`, `$9`, `$10` the network's,
/// `$11` whether the code chose the attempt (then it was compared and paid for already), `$12`
/// mails per attempt, `$13` what choosing has cost: given back, at `$2`, to the right guess.
const GUESS: &str = concat!(
    "
    WITH attempt AS MATERIALIZED (
        SELECT id, email, created_at, activated_at, voided_at, own_guess_used,
               greatest(next_mail_at,
                        mailed_at[cardinality(mailed_at) - $12 + 1] + interval '24 hours')
                   AS resend_at
          FROM accounts
         WHERE id = $3
           FOR UPDATE
    ), code AS MATERIALIZED (
        SELECT c.id, c.created_at, c.expires_at, c.wrong_guesses, c.used_at,
               c.mac = ANY ($4) AS fits,
               c.used_at IS NULL AS alive,
               c.used_at IS NULL AND ($5 = 0 OR c.wrong_guesses < $5) AS guessable
          FROM attempt a
          JOIN codes c ON c.account_id = a.id
         WHERE c.expires_at > now()
            OR c.used_at > now() - interval '10 minutes'
         ORDER BY c.id
           FOR UPDATE OF c
    ), budget AS MATERIALIZED (
        SELECT l.key, ARRAY(SELECT t FROM unnest(l.taken) AS t
                             WHERE t > now() - make_interval(secs => l.seconds)) AS recent
          FROM limits l
         WHERE (l.key IN ($6, $8) OR l.key = ANY ($1))
           AND (SELECT count(*) FROM code) >= 0
         ORDER BY l.key = ANY ($1) DESC, l.key
           FOR UPDATE
    ), found AS MATERIALIZED (
        SELECT count(*) FILTER (WHERE alive) AS alive,
               count(*) FILTER (WHERE guessable) AS guessable,
               array_agg(expires_at ORDER BY expires_at) FILTER (WHERE guessable) AS deadlines,
               (array_agg(id ORDER BY created_at DESC, id DESC)
                   FILTER (WHERE guessable))[1] AS newest,
               (array_agg(id ORDER BY created_at DESC, id DESC)
                   FILTER (WHERE guessable AND fits))[1] AS fitting,
               max(created_at) FILTER (WHERE guessable AND fits) AS fitting_since,
               coalesce(bool_or(fits AND used_at > now() - interval '10 minutes'), false)
                   AS fits_spent
          FROM code
    ), state AS MATERIALIZED (
        SELECT a.*, found.*,
               CASE WHEN $11 THEN 0 ELSE found.guessable END AS price,
               a.voided_at IS NOT NULL OR EXISTS (SELECT FROM accounts o
                        WHERE o.email = a.email
                          AND o.id <> a.id
                          AND o.activated_at IS NOT NULL) AS lost,
               CASE WHEN $7 = 0 THEN 2147483647
                    ELSE greatest($7 - coalesce(cardinality(address.recent), 0), 0)
               END AS address_left,
               address.recent[1] AS address_first,
               $9 > 0 AND coalesce(cardinality(network.recent), 0) >= $9 AS network_spent,
               network.recent[cardinality(network.recent) - $9 + 1] AS network_first,
               -- What is not there cannot be locked, so two guesses would not see each other.
               $7 > 0 AND address.key IS NULL OR $9 > 0 AND network.key IS NULL AS unprepared
          FROM attempt a
         CROSS JOIN found
          LEFT JOIN budget address ON address.key = $6
          LEFT JOIN budget network ON network.key = $8
    ), judged AS MATERIALIZED (
        SELECT state.*,
               CASE WHEN activated_at IS NOT NULL AND fits_spent THEN 'activated before'
                    WHEN activated_at IS NOT NULL THEN 'already active'
                    WHEN alive = 0 THEN 'expired'
                    WHEN guessable = 0 THEN 'exhausted'
                    WHEN unprepared THEN 'unprepared'
                    WHEN network_spent THEN 'network spent'
                    WHEN price <= address_left
                         THEN CASE WHEN fitting IS NOT NULL AND NOT lost
                                   THEN 'activated' ELSE 'wrong' END
                    WHEN NOT own_guess_used AND NOT $11
                         THEN CASE WHEN newest = fitting AND NOT lost
                                   THEN 'activated' ELSE 'own guess wrong' END
                    ELSE 'address spent'
               END AS outcome
          FROM state
    ), verdict AS MATERIALIZED (
        SELECT judged.*,
               -- What the address pays, and what it gets back.
               CASE WHEN outcome = 'wrong' THEN price ELSE 0 END::int4 AS cost,
               CASE WHEN activated_at IS NOT NULL OR outcome = 'activated'
                    THEN $13 ELSE 0 END AS refund,
               (outcome IN ('wrong', 'own guess wrong'))::int4 AS network_cost
          FROM judged
    ), activated AS (
        UPDATE accounts
           SET activated_at = now()
          FROM verdict v
         WHERE accounts.id = v.id
           AND v.outcome = 'activated'
    ), used AS (
        UPDATE codes
           SET used_at = now()
          FROM verdict v
         WHERE codes.id = v.fitting
           AND v.outcome = 'activated'
    ), counted AS (
        UPDATE codes
           SET wrong_guesses = codes.wrong_guesses + 1
          FROM verdict v, code c
         WHERE codes.id = c.id
           AND c.guessable
           AND (v.outcome = 'wrong' OR v.outcome = 'own guess wrong' AND c.id = v.newest)
    ), own_guess AS (
        UPDATE accounts
           SET own_guess_used = true
          FROM verdict v
         WHERE accounts.id = v.id
           AND v.outcome = 'own guess wrong'
    ), charged AS (
        INSERT INTO limits AS l (key, places, seconds, taken)
        SELECT charge.key, charge.places, charge.seconds,
               CASE WHEN charge.refund > 0
                    THEN budget.recent[: array_position(budget.recent, $2) - 1]
                      || budget.recent[array_position(budget.recent, $2) + charge.refund :]
                    ELSE coalesce(budget.recent, '{}')
               END || array_fill(now(), ARRAY[charge.cost])
          FROM verdict v
         CROSS JOIN LATERAL (VALUES ($6, $7, 86400, v.cost, v.refund),
                                    ($8, $9, $10, v.network_cost, 0))
            AS charge (key, places, seconds, cost, refund)
          LEFT JOIN budget USING (key)
         WHERE (charge.cost > 0 OR charge.refund > 0 AND $2 = ANY (budget.recent))
           AND charge.places > 0
            ON CONFLICT (key) DO UPDATE SET taken = excluded.taken
    ), logged AS (
        INSERT INTO audit_log (action, account_id)
        SELECT 'activated', id FROM verdict WHERE outcome = 'activated'
    ), ",
    give_back!(),
    "
    SELECT v.outcome, v.id, v.email, coalesce(v.activated_at, now()) AS activated_at,
           CASE WHEN v.outcome = 'activated'
                THEN extract(epoch FROM now() - v.fitting_since)::float8
           END AS seconds_since_mail,
           ceil(extract(epoch FROM v.resend_at - now()))::int4 AS resend_in,
           ceil(extract(epoch FROM
               CASE WHEN v.network_spent THEN v.network_first + make_interval(secs => $10)
                    WHEN v.address_left = 0 THEN v.address_first + interval '24 hours'
                    -- When so many codes have ended that the others fit into the budget.
                    ELSE v.deadlines[v.price - v.address_left]
               END - now()))::int4 AS retry_after,
           -- What is left once this guess is counted.
           v.address_left - v.cost AS address_left,
           NOT v.own_guess_used AND v.outcome <> 'own guess wrong' AS own_left,
           ARRAY(SELECT CASE WHEN $5 = 0 THEN 2147483647 ELSE $5 - c.wrong_guesses END
                      - (v.outcome = 'wrong' OR c.id = v.newest)::int4
                   FROM code c
                  WHERE c.guessable
                  ORDER BY c.created_at DESC, c.id DESC) AS codes_left
      FROM verdict v
"
);

impl Session<'_> {
    /// One guess at the codes of an attempt whose password was right. The places that checking
    /// it had taken are given back.
    pub async fn guess(
        &mut self,
        id: Uuid,
        choice: Choice,
        code_macs: &[Vec<u8>],
        rules: &GuessRules,
        taken: &Taken,
    ) -> Result<Guess, StorageError> {
        let (keys, at) = given_back(Some(taken));
        let parameters: [Parameter<'_>; 13] = [
            (&keys, Type::BYTEA_ARRAY),
            (&at, Type::TIMESTAMPTZ),
            (&id, Type::UUID),
            (&code_macs, Type::BYTEA_ARRAY),
            (&number(rules.code_guesses), Type::INT4),
            (&rules.address.key, Type::BYTEA),
            (&number(rules.address.places), Type::INT4),
            (&rules.network.key, Type::BYTEA),
            (&number(rules.network.places), Type::INT4),
            (&number(rules.network.seconds), Type::INT4),
            (&choice.is_by_code, Type::BOOL),
            (&number(rules.attempt_mails), Type::INT4),
            (&number(choice.paid), Type::INT4),
        ];
        let mut outcome = self.query(GUESS, &parameters).await;
        if let Err(error) = &outcome
            && error.is_unique_violation()
        {
            // Two attempts of one address were activated at once, and this one came second.
            // Now the statement sees that it lost.
            outcome = self.query(GUESS, &parameters).await;
        }
        let mut rows = outcome?;
        if let Some(row) = rows.first()
            && row.try_get::<_, &str>("outcome")? == "unprepared"
        {
            // A budget that was empty was purged since `FIND_*` saw to it. Nothing was counted.
            self.prepare_budgets(&[rules.address.clone(), rules.network.clone()]).await?;
            rows = self.query(GUESS, &parameters).await?;
        }
        rows.first().map_or(Ok(Guess::Gone), read_guess)
    }
}

fn read_guess(row: &Row) -> Result<Guess, StorageError> {
    let outcome: &str = row.try_get("outcome")?;
    Ok(match outcome {
        "activated" | "activated before" => Guess::Activated(Activated {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            activated_at: row.try_get("activated_at")?,
            seconds_since_mail: row.try_get("seconds_since_mail")?,
        }),
        "already active" => Guess::AlreadyActive,
        "expired" => Guess::Expired { resend_in: seconds(row, "resend_in")? },
        "exhausted" => Guess::Exhausted { resend_in: seconds(row, "resend_in")? },
        "wrong" | "own guess wrong" => Guess::Incorrect { attempts_left: attempts_left(row)? },
        _ => Guess::LimitReached { retry_after: seconds(row, "retry_after")?.max(1) },
    })
}

fn attempts_left(row: &Row) -> Result<u32, StorageError> {
    let count = |left: i32| u32::try_from(left).unwrap_or(0);
    let codes: Vec<i32> = row.try_get("codes_left")?;
    let left = GuessesLeft {
        codes: codes.into_iter().map(count).collect(),
        address: count(row.try_get("address_left")?),
        own: row.try_get("own_left")?,
    };
    Ok(left.attempts())
}
