-- SES refused a code's email (`refused`), or it is unknown whether SES accepted it. Ends the cooldown.
-- After a refusal the code is void and its email does not count.
--
-- A refused sign-up also loses its attempt, its places (`limit_keys`; NULL after a resend) and its
-- idempotency key: nothing remains that could be mailed or guessed at. But if a caller has already used
-- the attempt's own guess, all three stay: deleting them would make that guess free.
CREATE FUNCTION record_failed_hand_off(attempt uuid, code uuid, mailed_at timestamptz, refused boolean,
                                limit_keys bytea[], places_taken_at timestamptz,
                                address text, idempotency_key text, lease timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM idempotency_keys k
      WHERE k.email = address AND k.key = idempotency_key FOR UPDATE;
    DELETE FROM accounts a
     WHERE a.id = attempt AND refused AND limit_keys IS NOT NULL
       AND a.activated_at IS NULL AND NOT a.own_guess_used;
    IF FOUND THEN
        PERFORM give_back(limit_keys, places_taken_at);
        DELETE FROM idempotency_keys k
         WHERE k.email = address AND k.key = idempotency_key AND k.running_until = lease;
    ELSE
        UPDATE accounts a
           SET next_mail_at = now(),
               mailed_at = CASE WHEN refused THEN array_remove(a.mailed_at, record_failed_hand_off.mailed_at)
                                ELSE a.mailed_at END
         WHERE a.id = attempt;
        UPDATE codes c SET expires_at = now() WHERE c.id = code AND refused;
    END IF;
    PERFORM release_key(address, idempotency_key, lease);
END $$;
GRANT EXECUTE ON FUNCTION record_failed_hand_off TO register;
