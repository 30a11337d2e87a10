-- What `purge` deletes: the oldest codes. Like `codes_of_account`, without the deadline that moves.
CREATE INDEX CONCURRENTLY IF NOT EXISTS codes_by_age
    ON codes (created_at);
