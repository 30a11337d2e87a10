-- Lets the next request with this key take over at once.
CREATE FUNCTION release_key(address text, idempotency_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE idempotency_keys k SET running_until = NULL
     WHERE k.email = address AND k.key = idempotency_key;
END $$;
GRANT EXECUTE ON FUNCTION release_key TO register;
