-- Limits on guesses. They are looked at first and charged later, with as many places as a guess
-- turns out to cost.

-- The places taken within the window, the oldest first. Locks the row until the call ends, and
-- makes it when there is none: what does not exist cannot be locked. A row of another kind stays as
-- it is, and counts as used up.
CREATE FUNCTION places_taken(budget_kind text, budget_key bytea, capacity int, window_length interval)
RETURNS timestamptz[] LANGUAGE plpgsql AS $$
DECLARE
    recent timestamptz[] := '{}'::timestamptz[];
BEGIN
    IF capacity > 0 THEN
        INSERT INTO limits AS l (key, kind, places, seconds, taken)
        VALUES (budget_key, budget_kind, capacity, extract(epoch FROM window_length), '{}')
            ON CONFLICT (key) DO UPDATE
           SET places = excluded.places, seconds = excluded.seconds
         WHERE l.kind = excluded.kind
        RETURNING ARRAY(SELECT t FROM unnest(l.taken) AS t WHERE t > now() - window_length) INTO recent;
    END IF;
    RETURN coalesce(recent, array_fill(now(), ARRAY[capacity]));
END $$;

-- How many places are left.
CREATE FUNCTION places_left(taken timestamptz[], capacity int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN capacity = 0 THEN 2147483647
                ELSE greatest(capacity - cardinality(taken), 0) END $$;

-- Takes places beside those that were counted. The caller holds the row's lock, and has seen that
-- there are enough. What was not counted has left the window, wherever it is in the row: a call
-- that waited for a lock comes after younger ones with the earlier time of its beginning.
CREATE FUNCTION charge(budget_key bytea, capacity int, counted timestamptz[], price int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits l
       SET taken = counted || array_fill(now(), ARRAY[price])
     WHERE l.key = budget_key AND capacity > 0 AND price > 0;
END $$;

-- Gives back what choosing an attempt has cost at that moment.
CREATE FUNCTION refund(budget_key bytea, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits l SET taken = array_remove(l.taken, at)
     WHERE l.key = budget_key AND l.kind = 'address';
END $$;
