-- Each function deletes a batch of rows that are no longer needed, oldest first, by an index on their
-- age, and returns their number. It skips locked rows, so no request waits for `purge`; the next run
-- deletes them.

-- A "this wasn't me" link works for 24 hours. One hour more keeps clear of the boundary.
CREATE FUNCTION purge_codes(batch int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH page AS MATERIALIZED (
        SELECT ctid FROM codes
         WHERE created_at < now() - a_day() - interval '1 hour' AND expires_at < now() - interval '1 hour'
         ORDER BY created_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM codes WHERE ctid = ANY (ARRAY(SELECT ctid FROM page)) RETURNING 1)
    SELECT count(*) FROM gone $$;

-- Attempts that have ended, once the "this wasn't me" links in their emails have expired as well.
CREATE FUNCTION purge_accounts(batch int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH page AS MATERIALIZED (
        SELECT ctid FROM accounts
         WHERE activated_at IS NULL AND created_at < now() - a_day() - interval '1 hour'
           AND next_mail_at < now() - a_day() - interval '1 hour'
         ORDER BY created_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM accounts WHERE ctid = ANY (ARRAY(SELECT ctid FROM page)) RETURNING 1)
    SELECT count(*) FROM gone $$;

-- Keys older than a day, which `claim_key` ignores, unless a request is working with one.
CREATE FUNCTION purge_idempotency_keys(batch int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH page AS MATERIALIZED (
        SELECT ctid FROM idempotency_keys
         WHERE claimed_at < now() - a_day() AND coalesce(running_until < now(), true)
         ORDER BY claimed_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM page)) RETURNING 1)
    SELECT count(*) FROM gone $$;

CREATE FUNCTION purge_password_resets(batch int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH page AS MATERIALIZED (
        SELECT ctid FROM password_resets WHERE expires_at < now()
         ORDER BY expires_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM password_resets WHERE ctid = ANY (ARRAY(SELECT ctid FROM page)) RETURNING 1)
    SELECT count(*) FROM gone $$;

CREATE FUNCTION purge_ended_sessions(batch int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH page AS MATERIALIZED (
        SELECT ctid FROM ended_sessions WHERE expires_at < now()
         ORDER BY expires_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM ended_sessions WHERE ctid = ANY (ARRAY(SELECT ctid FROM page)) RETURNING 1)
    SELECT count(*) FROM gone $$;

-- 400 days: a yearly review can cover the whole year and has a month to do so.
CREATE FUNCTION purge_audit_log(batch int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH page AS MATERIALIZED (
        SELECT ctid FROM audit_log WHERE at < now() - interval '400 days'
         ORDER BY at LIMIT batch FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM audit_log WHERE ctid = ANY (ARRAY(SELECT ctid FROM page)) RETURNING 1)
    SELECT count(*) FROM gone $$;

GRANT EXECUTE ON FUNCTION purge_codes, purge_accounts, purge_idempotency_keys, purge_password_resets,
                          purge_ended_sessions, purge_audit_log TO maintain;
