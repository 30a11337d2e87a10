-- Takes the places that a sign-up needs, then claims its idempotency key.
--
-- Telling a caller whether the payload matches the first one confirms or denies a guess at its password.
-- So the limits on wrong passwords (`failure_…`) apply, and after a mismatch their places stay taken.
CREATE FUNCTION claim_key(address text, idempotency_key text, payload_macs bytea[], lease_seconds int,
                          attempt_mails int, limit_keys bytea[], capacities int[], window_seconds int[],
                          failure_keys bytea[], failure_capacities int[], failure_window_seconds int[])
RETURNS TABLE (outcome text, attempt uuid, taken_at timestamptz, retry_after int,
               lease timestamptz, ends_at timestamptz, ends_in int, resend_in int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    known idempotency_keys;
BEGIN
    outcome := 'fresh';
    -- A row that does not exist yet cannot be locked.
    PERFORM pg_advisory_xact_lock(hashtextextended(address || ' ' || idempotency_key, 0));
    SELECT * INTO known FROM idempotency_keys k
     WHERE k.email = address AND k.key = idempotency_key FOR UPDATE;
    IF known.claimed_at > now() - a_day() THEN
        SELECT t.* INTO taken_at, retry_after
          FROM take(failure_keys, failure_capacities, failure_window_seconds) AS t;
        outcome := CASE WHEN taken_at IS NULL                        THEN 'refused'
                        WHEN known.payload_mac <> ALL (payload_macs) THEN 'reused'
                        WHEN known.expires_at IS NOT NULL            THEN 'done'
                        WHEN known.running_until > now()             THEN 'running'
                        WHEN known.account_id IS NOT NULL            THEN 'resume'
                        ELSE 'fresh' END;
        PERFORM give_back(failure_keys, taken_at) WHERE outcome NOT IN ('refused', 'reused');
    ELSE
        known := NULL;  -- Unknown, or older than a day.
    END IF;
    IF outcome = 'fresh' THEN
        SELECT t.* INTO taken_at, retry_after FROM take(limit_keys, capacities, window_seconds) AS t;
        outcome := CASE WHEN taken_at IS NULL THEN 'refused' ELSE 'fresh' END;
    END IF;
    IF outcome IN ('fresh', 'resume') THEN
        lease := now() + make_interval(secs => lease_seconds);
        INSERT INTO idempotency_keys AS k (email, key, payload_mac, running_until)
        VALUES (address, idempotency_key, payload_macs[1], lease)
            ON CONFLICT (email, key) DO UPDATE
           SET payload_mac = excluded.payload_mac,
               running_until = excluded.running_until,
               expires_at = NULL,
               account_id = CASE outcome WHEN 'resume' THEN k.account_id END,
               claimed_at = CASE outcome WHEN 'resume' THEN k.claimed_at ELSE now() END
         -- Not only a key to resume: also one older than a day, or whose request opened no attempt.
         WHERE outcome = 'resume' OR k.claimed_at <= now() - a_day()
            OR k.account_id IS NULL AND coalesce(k.running_until <= now(), true);
        IF NOT FOUND THEN  -- The previous release, which takes fewer locks, claimed it just now.
            PERFORM give_back(limit_keys, taken_at);
            outcome := 'running';
        END IF;
    END IF;
    SELECT known.account_id, known.expires_at, seconds_until(known.expires_at),
           (SELECT seconds_until(resend_at(a, attempt_mails)) FROM accounts a WHERE a.id = known.account_id)
      INTO attempt, ends_at, ends_in, resend_in;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION claim_key TO register;
