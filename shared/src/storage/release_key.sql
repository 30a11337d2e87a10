-- Lets the next request with this key take over at once. Not if one has already: then the key runs
-- under another lease.
CREATE FUNCTION release_key(address text, idempotency_key text, lease timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE idempotency_keys k SET running_until = NULL
     WHERE k.email = address AND k.key = idempotency_key AND k.running_until = lease;
END $$;
GRANT EXECUTE ON FUNCTION release_key TO register;
