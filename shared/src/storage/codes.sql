-- The codes of an attempt. Each is compared only with the MAC made by its own key, so a call is one
-- guess, however many MACs it carries.
CREATE FUNCTION codes_of(attempt uuid, mac_key_ids text[], macs bytea[], code_guesses int)
RETURNS TABLE (id uuid, made_at timestamptz, ends_at timestamptz, spent_at timestamptz,
               guesses_left int, fits boolean)
LANGUAGE sql STABLE AS $$
    SELECT c.id, c.created_at, c.expires_at, c.used_at,
           CASE WHEN code_guesses = 0 THEN 2147483647 ELSE code_guesses - c.wrong_guesses END,
           coalesce(c.mac = macs[array_position(mac_key_ids, c.key_id)], false)
      FROM codes c
     WHERE c.account_id = attempt $$;

-- What `guess` needs to know about them, in one row.
CREATE FUNCTION all_codes_of(attempt uuid, mac_key_ids text[], macs bytea[], code_guesses int)
RETURNS TABLE (
    alive int,
    -- Codes that can be guessed, newest first, and the newest one that the guess matches.
    guessable uuid[], fitting uuid,
    -- The guess matches a code that activated the attempt in the last ten minutes: the caller lost
    -- that response and repeats the request.
    repeats boolean)
LANGUAGE sql STABLE AS $$
    SELECT count(*) FILTER (WHERE c.alive)::int,
           coalesce(array_agg(c.id) FILTER (WHERE c.alive AND c.guesses_left > 0), '{}'),
           (array_agg(c.id) FILTER (WHERE c.alive AND c.guesses_left > 0 AND c.fits))[1],
           coalesce(bool_or(c.fits AND c.spent_at > now() - interval '10 minutes'), false)
      FROM (SELECT *, ends_at > now() AND spent_at IS NULL AS alive
              FROM codes_of(attempt, mac_key_ids, macs, code_guesses)
             ORDER BY made_at DESC, id DESC) AS c $$;
