-- The attempts of an address. Accounts have a unique index, so this one stays as small as the sign-ups of
-- two days, however many accounts there are.
CREATE INDEX CONCURRENTLY IF NOT EXISTS attempts_by_email
    ON accounts (email, created_at DESC) WHERE activated_at IS NULL;
