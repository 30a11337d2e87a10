-- Lets the next request with this key proceed at once. Does nothing if another request has taken over:
-- the key then has another lease.
CREATE FUNCTION release_key(address text, idempotency_key text, lease timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE idempotency_keys k SET running_until = NULL
     WHERE k.email = address AND k.key = idempotency_key AND k.running_until = lease;
END $$;
GRANT EXECUTE ON FUNCTION release_key TO register;
