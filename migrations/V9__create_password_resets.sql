-- One row per mailed link to a new password.
CREATE TABLE password_resets (
    -- SHA-256 of the token in the link.
    digest     bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- The account's, when the link was made.
    generation integer NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX password_resets_by_account ON password_resets (account_id);
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);
