-- Takes a place under every limit, or none at all. The caller passes the limits in the order in which
-- every call locks them: those of its own network before those that it shares with others.
CREATE FUNCTION take(limit_keys bytea[], capacities int[], window_seconds int[],
                     OUT taken_at timestamptz, OUT retry_after int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    FOR n IN 1 .. cardinality(limit_keys) LOOP
        INSERT INTO limits AS l (key, places, seconds, taken)
        VALUES (limit_keys[n], capacities[n], window_seconds[n], ARRAY[now()])
            ON CONFLICT (key) DO UPDATE
           SET places = excluded.places,
               seconds = excluded.seconds,
               taken = l.taken[cardinality(l.taken) - excluded.places + 2 :] || now()
         WHERE l.kind = 'place' AND free_at(l.taken, excluded.places, excluded.seconds) IS NULL;
        IF NOT FOUND THEN
            PERFORM undo_take(limit_keys[: n - 1]);
            SELECT greatest(max(seconds_until(free_at(l.taken, w.capacity, w.seconds))), 1)
              INTO retry_after
              FROM unnest(limit_keys, capacities, window_seconds) AS w (key, capacity, seconds)
              JOIN limits l ON l.key = w.key AND l.kind = 'place';
            RETURN;
        END IF;
    END LOOP;
    taken_at := now();
END $$;
GRANT EXECUTE ON FUNCTION take TO register, account;

-- Restores the limits as they were before this call, and deletes the rows that it created.
CREATE FUNCTION undo_take(limit_keys bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM give_back(limit_keys, now());
    DELETE FROM limits l WHERE l.key = ANY (limit_keys) AND l.taken = '{}';
END $$;
