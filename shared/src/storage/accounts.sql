-- Accounts as their owners and admins see them.
CREATE VIEW users AS
    SELECT id, email, locale, role, created_at, activated_at, disabled_at IS NOT NULL AS is_disabled,
           generation, is_alive(a) AS is_alive
      FROM accounts a;

-- The account of a session that has not ended. A session ends when it expires, when its owner signs
-- out or changes the password, and when the account is disabled or deleted. A session of an attempt
-- also ends when the attempt is activated: a caller who gains rights must sign in again (OWASP Session
-- Management, "Renew the Session ID After Any Privilege Level Change").
CREATE FUNCTION account_of_session(account uuid, generation int, activated boolean, ends_at timestamptz,
                                session uuid) RETURNS SETOF users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY SELECT * FROM users u
     WHERE u.id = account
       AND u.generation = account_of_session.generation
       AND (u.activated_at IS NOT NULL) = activated
       AND u.is_alive
       AND NOT u.is_disabled
       AND ends_at > now()
       AND NOT EXISTS (SELECT FROM ended_sessions e WHERE e.id = session);
END $$;
GRANT EXECUTE ON FUNCTION account_of_session TO account;

-- Attempts are not accounts yet, so they are not found.
CREATE FUNCTION user_with_id(account uuid) RETURNS SETOF users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY SELECT * FROM users u WHERE u.id = account AND u.activated_at IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION user_with_id TO account;

-- A page of accounts, ordered by id.
CREATE FUNCTION users_after(last uuid, count int) RETURNS SETOF users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY SELECT * FROM users u
     WHERE u.activated_at IS NOT NULL AND u.id > last ORDER BY u.id LIMIT count;
END $$;
GRANT EXECUTE ON FUNCTION users_after TO account;
