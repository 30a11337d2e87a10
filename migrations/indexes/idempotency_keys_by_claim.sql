-- What `purge` deletes: keys older than 24 hours. The time of the claim does not
-- change while a request is at work, so its updates stay in place on their page.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idempotency_keys_by_claim
    ON idempotency_keys (claimed_at);
