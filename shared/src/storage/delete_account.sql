-- Deletes every row that holds the address of an account: the account, all attempts with their codes
-- and links, and idempotency keys. For an owner, the generation must be the session's; an admin passes
-- NULL. Returns no row if the account does not exist or the session has ended, as the second of two
-- concurrent calls finds.
CREATE FUNCTION delete_account(account uuid, generation int, admin uuid)
RETURNS TABLE (email text, locale text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    address text;
BEGIN
    SELECT a.email INTO address FROM accounts a WHERE a.id = account;
    PERFORM FROM idempotency_keys k WHERE k.email = address ORDER BY k.key FOR UPDATE;
    PERFORM FROM accounts a WHERE a.id = ANY (ids_of(address)) ORDER BY a.id FOR UPDATE;

    RETURN QUERY SELECT a.email, a.locale FROM accounts a
     WHERE a.id = account AND a.activated_at IS NOT NULL
       AND (delete_account.generation IS NULL OR a.generation = delete_account.generation);
    IF FOUND THEN
        DELETE FROM accounts a WHERE a.id = ANY (ids_of(address));
        DELETE FROM idempotency_keys k WHERE k.email = address;
        PERFORM note('deleted', account, admin);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION delete_account TO account;

-- The account and the attempts of an address. Reads two small indexes; a single index would have to
-- cover every row.
CREATE FUNCTION ids_of(address text) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT a.id FROM accounts a WHERE a.email = address AND a.activated_at IS NULL)
        || ARRAY(SELECT a.id FROM accounts a WHERE a.email = address AND a.activated_at IS NOT NULL);
END $$;
