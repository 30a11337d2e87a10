-- Finds the rows that credentials may belong to. The call first takes its places under the limits on
-- wrong passwords. The call that follows a right password gives them back.

-- `key_ids` names the keys that signed the row's codes, expired ones included.
CREATE VIEW candidates AS
    SELECT id, email, password_hash, generation, activated_at, is_alive(a) AS is_alive,
           ARRAY(SELECT DISTINCT c.key_id FROM codes c WHERE c.account_id = a.id) AS key_ids
      FROM accounts a;

-- The attempt or account that the call names, if it belongs to this address.
CREATE FUNCTION find_named(limit_keys bytea[], capacities int[], window_seconds int[], attempt uuid, address text)
RETURNS TABLE (taken_at timestamptz, retry_after int, attempt_id uuid, attempt_hash text,
               attempt_generation int, attempt_key_ids text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    place record;
BEGIN
    place := take(limit_keys, capacities, window_seconds);
    taken_at := place.taken_at;
    retry_after := place.retry_after;
    IF taken_at IS NOT NULL THEN
        SELECT a.id, a.password_hash, a.generation, a.key_ids
          INTO attempt_id, attempt_hash, attempt_generation, attempt_key_ids
          FROM candidates a WHERE a.id = attempt AND a.email = address AND a.is_alive;
    END IF;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION find_named TO register, activate, account;
