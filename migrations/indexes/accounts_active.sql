-- For the list of accounts, page by page.
CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_active
    ON accounts (id) WHERE activated_at IS NOT NULL;
