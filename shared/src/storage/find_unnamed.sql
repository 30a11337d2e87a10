-- The active account of an address, and the attempt that the code chooses, else the newest.
CREATE FUNCTION find_by_code(keys bytea[], capacities int[], windows int[], address text,
                             mac_keys text[], macs bytea[])
RETURNS TABLE (taken_at timestamptz, retry_after int,
               account_id uuid, account_hash text, account_generation int, account_keys text[],
               attempt_id uuid, attempt_hash text, attempt_generation int, attempt_keys text[],
               is_by_code boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    place record;
    newest uuid;
BEGIN
    place := take(keys, capacities, windows);
    taken_at := place.taken_at;
    retry_after := place.retry_after;
    IF taken_at IS NOT NULL THEN
        SELECT a.id INTO newest FROM attempts a
         WHERE a.email = address ORDER BY a.created_at DESC, a.id DESC LIMIT 1;
        SELECT a.id, a.password_hash, a.generation, a.key_ids
          INTO account_id, account_hash, account_generation, account_keys
          FROM candidates a WHERE a.email = address AND a.activated_at IS NOT NULL;
        attempt_id := choose(address, newest, account_id IS NOT NULL, mac_keys, macs);
        is_by_code := attempt_id <> newest;
        SELECT a.password_hash, a.generation, a.key_ids
          INTO attempt_hash, attempt_generation, attempt_keys
          FROM candidates a WHERE a.id = attempt_id;
    END IF;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION find_by_code TO activate;

-- The same without a code, for those who must not compare one.
CREATE FUNCTION find_unnamed(keys bytea[], capacities int[], windows int[], address text)
RETURNS TABLE (taken_at timestamptz, retry_after int,
               account_id uuid, account_hash text, account_generation int, account_keys text[],
               attempt_id uuid, attempt_hash text, attempt_generation int, attempt_keys text[],
               is_by_code boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY SELECT * FROM find_by_code(keys, capacities, windows, address, '{}', '{}');
END $$;
GRANT EXECUTE ON FUNCTION find_unnamed TO register, account;
