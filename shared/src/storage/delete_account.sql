-- Deletes every row that holds the address of an account: the account, attempts of any caller, with
-- their codes and links, and idempotency keys. An owner deletes in the generation of the session,
-- an admin in any. No row when there is no such account, or the session has ended: of two who
-- delete at once the second finds nothing.
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

-- The account and the attempts of an address: two small indexes instead of one over all of both.
CREATE FUNCTION ids_of(address text) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT a.id FROM accounts a WHERE a.email = address AND a.activated_at IS NULL)
        || ARRAY(SELECT a.id FROM accounts a WHERE a.email = address AND a.activated_at IS NOT NULL);
END $$;
