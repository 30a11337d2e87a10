-- The active account of an address, and the attempt that the code chooses, or else the newest one.
CREATE FUNCTION find_by_code(limit_keys bytea[], capacities int[], window_seconds int[], address text,
                             mac_key_ids text[], macs bytea[])
RETURNS TABLE (taken_at timestamptz, retry_after int,
               account_id uuid, account_hash text, account_generation int, account_key_ids text[],
               attempt_id uuid, attempt_hash text, attempt_generation int, attempt_key_ids text[],
               chosen_by_code boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    place record;
    newest uuid;
BEGIN
    place := take(limit_keys, capacities, window_seconds);
    taken_at := place.taken_at;
    retry_after := place.retry_after;
    IF taken_at IS NOT NULL THEN
        SELECT a.id INTO newest FROM attempts a
         WHERE a.email = address ORDER BY a.created_at DESC, a.id DESC LIMIT 1;
        SELECT a.id, a.password_hash, a.generation, a.key_ids
          INTO account_id, account_hash, account_generation, account_key_ids
          FROM candidates a WHERE a.email = address AND a.activated_at IS NOT NULL;
        attempt_id := choose(address, newest, account_id IS NOT NULL, mac_key_ids, macs);
        chosen_by_code := attempt_id <> newest;
        SELECT a.password_hash, a.generation, a.key_ids
          INTO attempt_hash, attempt_generation, attempt_key_ids
          FROM candidates a WHERE a.id = attempt_id;
    END IF;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION find_by_code TO activate;

-- The same without a code, for functions that may not compare codes.
CREATE FUNCTION find_unnamed(limit_keys bytea[], capacities int[], window_seconds int[], address text)
RETURNS TABLE (taken_at timestamptz, retry_after int,
               account_id uuid, account_hash text, account_generation int, account_key_ids text[],
               attempt_id uuid, attempt_hash text, attempt_generation int, attempt_key_ids text[],
               chosen_by_code boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY SELECT * FROM find_by_code(limit_keys, capacities, window_seconds, address, '{}', '{}');
END $$;
GRANT EXECUTE ON FUNCTION find_unnamed TO register, account;
