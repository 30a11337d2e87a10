-- What `purge` deletes: codes that ended long ago. A hand-off moves the deadline, which stands in
-- another index already, so no update gets dearer than one entry.
CREATE INDEX CONCURRENTLY IF NOT EXISTS codes_by_expiry
    ON codes (expires_at);
