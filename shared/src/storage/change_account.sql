-- The owner changes an account. The generation must be the session's: of two concurrent password
-- changes, the second finds that its session has ended.
CREATE FUNCTION change_account(account uuid, generation int, locale text, password_hash text,
                               limit_keys bytea[], places_taken_at timestamptz) RETURNS SETOF users
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE accounts a
       SET locale = coalesce(change_account.locale, a.locale),
           password_hash = coalesce(change_account.password_hash, a.password_hash),
           generation = a.generation + (change_account.password_hash IS NOT NULL)::int
     WHERE a.id = account AND a.generation = change_account.generation;
    IF FOUND THEN
        PERFORM note('password changed', account) WHERE change_account.password_hash IS NOT NULL;
        RETURN QUERY SELECT * FROM users u WHERE u.id = account;
    END IF;
    PERFORM give_back(limit_keys, places_taken_at);
END $$;
GRANT EXECUTE ON FUNCTION change_account TO account;

-- An admin disables or enables an account. Disabling ends every session for good: enabling the
-- account again does not restore them.
CREATE FUNCTION disable_account(account uuid, disabled boolean, admin uuid) RETURNS SETOF users
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE accounts a
       SET disabled_at = CASE WHEN disabled THEN now() END,
           generation = a.generation + disabled::int
     WHERE a.id = account AND a.activated_at IS NOT NULL AND (a.disabled_at IS NOT NULL) <> disabled;
    IF FOUND THEN
        PERFORM note(CASE WHEN disabled THEN 'disabled' ELSE 'enabled' END, account, admin);
    END IF;
    RETURN QUERY SELECT * FROM users u WHERE u.id = account AND u.activated_at IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION disable_account TO account;
