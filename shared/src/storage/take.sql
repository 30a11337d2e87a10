-- Takes a place under each limit, or under none. The limits come in the order in which everybody
-- locks them, the caller's own before those that it shares with others.
CREATE FUNCTION take(keys bytea[], capacities int[], windows int[],
                     OUT taken_at timestamptz, OUT retry_after int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    FOR n IN 1 .. cardinality(keys) LOOP
        INSERT INTO limits AS l (key, places, seconds, taken)
        VALUES (keys[n], capacities[n], windows[n], ARRAY[now()])
            ON CONFLICT (key) DO UPDATE
           SET places = excluded.places,
               seconds = excluded.seconds,
               taken = l.taken[cardinality(l.taken) - excluded.places + 2 :] || now()
         WHERE l.kind = 'place' AND free_at(l.taken, excluded.places, excluded.seconds) IS NULL;
        IF NOT FOUND THEN
            PERFORM undo_take(keys[: n - 1]);
            SELECT greatest(max(seconds_until(free_at(l.taken, w.capacity, w.seconds))), 1)
              INTO retry_after
              FROM unnest(keys, capacities, windows) AS w (key, capacity, seconds)
              JOIN limits l ON l.key = w.key AND l.kind = 'place';
            RETURN;
        END IF;
    END LOOP;
    taken_at := now();
END $$;
GRANT EXECUTE ON FUNCTION take TO register, account;

-- Leaves the limits as they were before this call: no row of one that was not used before.
CREATE FUNCTION undo_take(keys bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM give_back(keys, now());
    DELETE FROM limits l WHERE l.key = ANY (keys) AND l.taken = '{}';
END $$;
