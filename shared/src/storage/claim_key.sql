-- Claims an idempotency key, and takes the places that a sign-up needs. No key is written before
-- there is a place.
--
-- Whether a payload is the one that came before answers a guess at its password. So that is told
-- under the limits on wrong passwords (`failure_…`), and after another payload their places stay taken.
CREATE FUNCTION claim_key(address text, idempotency_key text, payload_macs bytea[], lease_seconds int,
                          attempt_mails int, keys bytea[], capacities int[], windows int[],
                          failure_keys bytea[], failure_capacities int[], failure_windows int[])
RETURNS TABLE (outcome text, attempt uuid, taken_at timestamptz, retry_after int,
               ends_at timestamptz, ends_in int, resend_in int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    known idempotency_keys;
BEGIN
    outcome := 'fresh';
    SELECT * INTO known FROM idempotency_keys k
     WHERE k.email = address AND k.key = idempotency_key AND k.claimed_at > now() - a_day()
       FOR UPDATE;
    IF FOUND THEN
        SELECT t.taken_at, t.retry_after INTO taken_at, retry_after
          FROM take(failure_keys, failure_capacities, failure_windows) AS t;
        outcome := CASE WHEN taken_at IS NULL                        THEN 'refused'
                        WHEN known.payload_mac <> ALL (payload_macs) THEN 'reused'
                        WHEN known.expires_at IS NOT NULL            THEN 'done'
                        WHEN known.running_until > now()             THEN 'running'
                        WHEN known.account_id IS NOT NULL            THEN 'resume'
                        ELSE 'fresh' END;
        PERFORM give_back(failure_keys, taken_at) WHERE outcome NOT IN ('refused', 'reused');
    END IF;
    IF outcome = 'fresh' THEN
        SELECT t.taken_at, t.retry_after INTO taken_at, retry_after
          FROM take(keys, capacities, windows) AS t;
        outcome := CASE WHEN taken_at IS NULL THEN 'refused' ELSE 'fresh' END;
    END IF;
    IF outcome IN ('fresh', 'resume') THEN
        INSERT INTO idempotency_keys AS k (email, key, payload_mac, running_until)
        VALUES (address, idempotency_key, payload_macs[1], now() + make_interval(secs => lease_seconds))
            ON CONFLICT (email, key) DO UPDATE
           SET payload_mac = excluded.payload_mac,
               running_until = excluded.running_until,
               expires_at = NULL,
               account_id = CASE outcome WHEN 'resume' THEN k.account_id END,
               claimed_at = CASE outcome WHEN 'resume' THEN k.claimed_at ELSE now() END
         -- Beside one to resume: one that is forgotten, or whose request has ended without an attempt.
         WHERE outcome = 'resume' OR k.claimed_at <= now() - a_day()
            OR k.account_id IS NULL AND coalesce(k.running_until <= now(), true);
        IF NOT FOUND THEN  -- Another request has claimed the key at this very moment.
            PERFORM give_back(keys, taken_at);
            outcome := 'running';
        END IF;
    END IF;
    SELECT known.account_id, known.expires_at, seconds_until(known.expires_at),
           (SELECT seconds_until(resend_at(a, attempt_mails)) FROM accounts a WHERE a.id = known.account_id)
      INTO attempt, ends_at, ends_in, resend_in;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION claim_key TO register;
