-- For `purge`: keys older than 24 hours. The time of the claim does not change
-- while a request is running, so its updates stay on their page (heap-only updates).
CREATE INDEX CONCURRENTLY IF NOT EXISTS idempotency_keys_by_claim
    ON idempotency_keys (claimed_at);
