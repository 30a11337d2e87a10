-- Stores a new code for an attempt, if its cooldown and its number of emails allow one.
CREATE FUNCTION resend(attempt uuid, code uuid, mac bytea, key_id text, not_me_digest bytea,
                       code_lifetime_seconds int, cooldown_seconds int, attempt_mails int,
                       limit_keys bytea[], places_taken_at timestamptz)
RETURNS TABLE (outcome text, language text, has_account boolean, expires_at timestamptz,
               mailed_at timestamptz, resend_in int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    account accounts;
BEGIN
    SELECT * INTO account FROM accounts a WHERE a.id = attempt FOR UPDATE;
    PERFORM give_back(limit_keys, places_taken_at);
    outcome := CASE
        WHEN account.id IS NULL OR NOT is_alive(account)     THEN 'gone'
        WHEN account.activated_at IS NOT NULL                THEN 'already active'
        WHEN resend_at(account, attempt_mails) > now()       THEN 'too early'
        ELSE 'stored' END;
    IF outcome = 'stored' THEN
        UPDATE accounts a
           SET mailed_at = a.mailed_at || now(),
               next_mail_at = now() + make_interval(secs => cooldown_seconds)
         WHERE a.id = attempt
        RETURNING * INTO account;
        expires_at := now() + make_interval(secs => code_lifetime_seconds);
        INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, expires_at)
        VALUES (code, attempt, resend.mac, resend.key_id, resend.not_me_digest, resend.expires_at);
    END IF;
    language := account.locale;
    has_account := has_account(account.email);
    mailed_at := now();
    resend_in := seconds_until(resend_at(account, attempt_mails));
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION resend TO register;
