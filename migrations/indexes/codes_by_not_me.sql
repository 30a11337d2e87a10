-- The code whose mail a "this wasn't me" link stands in.
CREATE INDEX CONCURRENTLY IF NOT EXISTS codes_by_not_me
    ON codes (not_me_digest);
