-- The code whose email contained a "this wasn't me" link.
CREATE INDEX CONCURRENTLY IF NOT EXISTS codes_by_not_me
    ON codes (not_me_digest);
