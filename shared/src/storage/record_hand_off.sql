-- SES accepted a code's email: the code's minute begins now, and the sign-up's idempotency key repeats
-- this response from now on. Returns no row if the account was deleted in the meantime.
CREATE FUNCTION record_hand_off(code uuid, code_lifetime_seconds int, attempt_mails int, address text,
                         idempotency_key text, lease timestamptz)
RETURNS TABLE (ends_at timestamptz, resend_in int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF idempotency_key IS NOT NULL THEN
        PERFORM FROM idempotency_keys k
          WHERE k.email = address AND k.key = idempotency_key FOR UPDATE;
    END IF;
    WITH started AS (
        UPDATE codes c SET expires_at = now() + make_interval(secs => code_lifetime_seconds)
         WHERE c.id = code
        RETURNING c.account_id, c.expires_at)
    SELECT s.expires_at, seconds_until(resend_at(a, attempt_mails)) INTO ends_at, resend_in
      FROM started s JOIN accounts a ON a.id = s.account_id;
    IF NOT FOUND THEN RETURN; END IF;
    IF idempotency_key IS NOT NULL THEN
        UPDATE idempotency_keys k SET running_until = NULL, expires_at = ends_at
         WHERE k.email = address AND k.key = idempotency_key AND k.running_until = lease;
    END IF;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION record_hand_off TO register;
