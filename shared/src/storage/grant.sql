-- Gives a role to the account of an address and returns its id. A disabled account can only be made a
-- member: it must not gain rights that take effect once it is enabled.
CREATE FUNCTION grant_role(address text, new_role text) RETURNS TABLE (account uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE accounts a SET role = new_role
     WHERE a.email = address AND a.activated_at IS NOT NULL
       AND (a.disabled_at IS NULL OR new_role = 'member')
    RETURNING a.id INTO account;
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM note('granted: ' || new_role, account);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION grant_role TO maintain;
