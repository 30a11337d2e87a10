-- Opens an attempt with its first code. The row is the same whether or not the address has an account:
-- while it has one, no code activates this attempt (see `guess`).
--
-- The attempt's 24 hours begin when its places were taken, so it does not outlive them: however long
-- hashing took, no more attempts are alive at once than the limits on sign-ups allow.
CREATE FUNCTION sign_up(attempt uuid, address text, password_hash text, locale text,
                        code uuid, mac bytea, key_id text, not_me_digest bytea,
                        code_lifetime_seconds int, cooldown_seconds int, attempt_mails int,
                        guess_key bytea, guess_capacity int, code_guesses int,
                        places_taken_at timestamptz, idempotency_key text, lease timestamptz)
RETURNS TABLE (language text, has_account boolean, expires_at timestamptz, mailed_at timestamptz, resend_in int)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH remembered AS (
        UPDATE idempotency_keys k SET account_id = sign_up.attempt
         WHERE k.email = sign_up.address AND k.key = sign_up.idempotency_key
           AND k.running_until = sign_up.lease
    ), opened AS (
        INSERT INTO accounts AS a (id, email, password_hash, locale, created_at, mailed_at, next_mail_at,
                                   guess_key, guess_capacity, code_guesses)
        VALUES (sign_up.attempt, sign_up.address, sign_up.password_hash, sign_up.locale,
                sign_up.places_taken_at, ARRAY[now()],
                now() + make_interval(secs => sign_up.cooldown_seconds),
                sign_up.guess_key, sign_up.guess_capacity, sign_up.code_guesses)
        RETURNING seconds_until(resend_at(a, sign_up.attempt_mails)) AS resend_in
    ), code AS (
        INSERT INTO codes AS c (id, account_id, mac, key_id, not_me_digest, expires_at)
        VALUES (sign_up.code, sign_up.attempt, sign_up.mac, sign_up.key_id, sign_up.not_me_digest,
                now() + make_interval(secs => sign_up.code_lifetime_seconds))
        RETURNING c.expires_at
    )
    SELECT sign_up.locale, EXISTS (SELECT FROM accounts a
                                    WHERE a.email = sign_up.address AND a.activated_at IS NOT NULL),
           c.expires_at, now(), o.resend_in
      FROM opened o, code c $$;
GRANT EXECUTE ON FUNCTION sign_up TO register;
