-- The codes of an attempt. No column that changes: a hand-off, which moves a code's deadline, then
-- writes nothing but the row (a heap-only update).
CREATE INDEX CONCURRENTLY IF NOT EXISTS codes_of_account
    ON codes (account_id);
