-- An account's owner changes it, in the generation of the session: of two new passwords at once the
-- second finds that its session has ended.
CREATE FUNCTION change_account(account uuid, generation int, locale text, password_hash text,
                               place_keys bytea[], places_taken_at timestamptz) RETURNS SETOF users
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
    PERFORM give_back(place_keys, places_taken_at);
END $$;
GRANT EXECUTE ON FUNCTION change_account TO account;

-- An admin disables an account, or enables it again. Every session ends, and stays ended
-- when the account is enabled again.
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
