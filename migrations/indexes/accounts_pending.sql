-- For `purge`: attempts that were not activated, oldest first.
CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_pending
    ON accounts (created_at) WHERE activated_at IS NULL;
