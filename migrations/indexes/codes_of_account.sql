-- The codes of an attempt. No indexed column changes, so a hand-off, which moves a code's deadline, writes
-- only the row (a heap-only update).
CREATE INDEX CONCURRENTLY IF NOT EXISTS codes_of_account
    ON codes (account_id);
