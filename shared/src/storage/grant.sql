-- Gives a role to the account of an address, and tells its id. Not to a disabled account: it must
-- not get rights that it would have later.
CREATE FUNCTION grant_role(address text, new_role text) RETURNS TABLE (account uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE accounts a SET role = new_role
     WHERE a.email = address AND a.activated_at IS NOT NULL AND a.disabled_at IS NULL
    RETURNING a.id INTO account;
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM note('granted: ' || new_role, account);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION grant_role TO maintain;
