-- The address to which a "this wasn't me" token was mailed. A token works once, for 24 hours.
CREATE FUNCTION find_not_me(digest bytea) RETURNS TABLE (email text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY SELECT a.email FROM codes c JOIN accounts a ON a.id = c.account_id
     WHERE c.not_me_digest = digest AND c.not_me_at IS NULL AND c.created_at > now() - a_day();
END $$;
GRANT EXECUTE ON FUNCTION find_not_me TO register;

-- Voids the attempt for good, or disables the account that it became, and uses up the sign-ups of its
-- address. Does nothing if the token is unknown, expired or used.
CREATE FUNCTION not_me(digest bytea, limit_key bytea, capacity int, window_seconds int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    account accounts;
BEGIN
    SELECT a.* INTO account FROM codes c JOIN accounts a ON a.id = c.account_id
     WHERE c.not_me_digest = digest FOR UPDATE OF a;
    UPDATE codes c SET not_me_at = now()
     WHERE c.not_me_digest = digest AND c.not_me_at IS NULL AND c.created_at > now() - a_day();
    IF NOT FOUND THEN RETURN; END IF;

    UPDATE codes c SET expires_at = now() WHERE c.account_id = account.id AND c.expires_at > now();
    IF account.activated_at IS NULL THEN
        UPDATE accounts a SET voided_at = coalesce(a.voided_at, now()), generation = a.generation + 1
         WHERE a.id = account.id;
        PERFORM note('voided: not me', account.id);
    ELSE
        UPDATE accounts a SET disabled_at = coalesce(a.disabled_at, now()), generation = a.generation + 1
         WHERE a.id = account.id;
        PERFORM note('disabled: not me', account.id);
    END IF;
    INSERT INTO limits AS l (key, places, seconds, taken)
    SELECT limit_key, capacity, window_seconds, array_fill(now(), ARRAY[capacity]) WHERE capacity > 0
        ON CONFLICT (key) DO UPDATE SET taken = excluded.taken WHERE l.kind = 'place';
END $$;
GRANT EXECUTE ON FUNCTION not_me TO register;
