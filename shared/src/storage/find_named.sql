-- Whom a call with credentials may mean. Its places under the limits on wrong passwords are taken
-- first, and given back by what follows a right password.

-- A row with the keys with which its codes were signed, alive or not.
CREATE VIEW candidates AS
    SELECT id, email, password_hash, generation, activated_at, is_alive(a) AS is_alive,
           ARRAY(SELECT DISTINCT c.key_id FROM codes c WHERE c.account_id = a.id) AS key_ids
      FROM accounts a;

-- The attempt that a call names, if it is one of this address.
CREATE FUNCTION find_named(keys bytea[], capacities int[], windows int[], attempt uuid, address text)
RETURNS TABLE (taken_at timestamptz, retry_after int, attempt_id uuid, attempt_hash text,
               attempt_generation int, attempt_keys text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    place record;
BEGIN
    place := take(keys, capacities, windows);
    taken_at := place.taken_at;
    retry_after := place.retry_after;
    IF taken_at IS NOT NULL THEN
        SELECT a.id, a.password_hash, a.generation, a.key_ids
          INTO attempt_id, attempt_hash, attempt_generation, attempt_keys
          FROM candidates a WHERE a.id = attempt AND a.email = address AND a.is_alive;
    END IF;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION find_named TO register, activate, account;
