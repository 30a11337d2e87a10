-- The functions of each build of ours stand in a schema of their own, named after the hash of their
-- text: old and new code share this database during a deployment and after a roll-back, so a
-- function that was deployed is never replaced (README.md).
CREATE TABLE builds (
    -- The name of the schema.
    schema  text PRIMARY KEY,
    -- When a function of this build last started, to the day. `migrate` drops what is long unused.
    used_at timestamptz NOT NULL DEFAULT now()
);

-- The limits on guessing at an attempt, as they were when it was opened. The function that judges a
-- guess does not say them, so no guess is made beyond them. NULL in rows of older code.
ALTER TABLE accounts
    -- The row of `limits` with the address's budget, and its places in 24 hours; 0: no limit.
    ADD COLUMN guess_key bytea,
    ADD COLUMN guess_capacity integer,
    -- Wrong guesses on each code; 0: no limit.
    ADD COLUMN code_guesses integer;

ALTER TABLE limits
    -- 'place': taken before the work, given back if the call was right. 'address', 'network': what
    -- guesses have cost. 'choice': which calls have chosen an attempt by their code. A row is never
    -- used as another kind, whatever key a call names.
    ADD COLUMN kind text NOT NULL DEFAULT 'place';
