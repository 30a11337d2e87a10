-- What the "this wasn't me" link of a mail does. No column is filled for rows that are there.
ALTER TABLE accounts
    -- The address's owner said that this attempt was not theirs: no code activates it any more,
    -- not even one whose mail is on its way in this moment.
    ADD COLUMN voided_at timestamptz,
    -- Nobody may sign in.
    ADD COLUMN disabled_at timestamptz;

ALTER TABLE codes
    -- When the link was first used: using it again must not lengthen what it did.
    ADD COLUMN not_me_at timestamptz;

GRANT SELECT (voided_at, disabled_at), UPDATE (voided_at, disabled_at) ON accounts TO register;
GRANT SELECT (not_me_digest, created_at, not_me_at), UPDATE (not_me_at) ON codes TO register;
GRANT INSERT (action, account_id) ON audit_log TO register;
GRANT SELECT (voided_at) ON accounts TO activate;
