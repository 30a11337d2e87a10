-- One row each time that somebody asks for a new password, with an account or without: a statement
-- that writes waits for the disk, one that only reads does not, and time must not tell.
CREATE TABLE password_resets (
    -- SHA-256 of the token in the link.
    digest     bytea PRIMARY KEY,
    -- NULL: the address has no account. Such a link is mailed to nobody and changes nothing.
    account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
    -- The account's, when the link was made.
    generation integer,
    expires_at timestamptz NOT NULL
);

CREATE INDEX password_resets_by_account ON password_resets (account_id);
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);
