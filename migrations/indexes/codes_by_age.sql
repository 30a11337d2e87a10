-- For `purge`: the oldest codes. Like `codes_of_account`, without the deadline, which changes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS codes_by_age
    ON codes (created_at);
