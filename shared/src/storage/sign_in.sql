-- Signs in the owner of an account or attempt, whose password was right in this generation. Returns no
-- row if the password has changed since, or the attempt has ended.
--
-- A session is not stored: it is bound to the generation and ends with it.
CREATE FUNCTION sign_in(account uuid, generation int, better_hash text,
                        limit_keys bytea[], places_taken_at timestamptz)
RETURNS TABLE (activated boolean, is_disabled boolean, at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE accounts a SET password_hash = better_hash
     WHERE a.id = account AND a.generation = sign_in.generation AND better_hash IS NOT NULL
       AND a.activated_at IS NOT NULL;
    PERFORM give_back(limit_keys, places_taken_at);
    RETURN QUERY SELECT a.activated_at IS NOT NULL, a.disabled_at IS NOT NULL, now()
      FROM accounts a
     WHERE a.id = account AND a.generation = sign_in.generation AND is_alive(a);
END $$;
GRANT EXECUTE ON FUNCTION sign_in TO account;

-- Ends one session. The row is needed until the token expires.
CREATE FUNCTION end_session(session uuid, ends_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO ended_sessions (id, expires_at) VALUES (session, ends_at) ON CONFLICT DO NOTHING;
END $$;
GRANT EXECUTE ON FUNCTION end_session TO account;
