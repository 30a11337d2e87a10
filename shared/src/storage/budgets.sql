-- Limits on guesses. A call reads them first and charges them later, once the cost of the guess is
-- known.

-- The places taken within the window, oldest first. Locks the row until the call ends, and creates a
-- missing one, because only an existing row can be locked. A row of another kind is left unchanged
-- and counts as used up.
CREATE FUNCTION places_taken(budget_kind text, budget_key bytea, capacity int, budget_window interval)
RETURNS timestamptz[] LANGUAGE plpgsql AS $$
DECLARE
    recent timestamptz[] := '{}'::timestamptz[];
BEGIN
    IF capacity > 0 THEN
        INSERT INTO limits AS l (key, kind, places, seconds, taken)
        VALUES (budget_key, budget_kind, capacity, extract(epoch FROM budget_window), '{}')
            ON CONFLICT (key) DO UPDATE
           SET places = excluded.places, seconds = excluded.seconds
         WHERE l.kind = excluded.kind
        RETURNING ARRAY(SELECT t FROM unnest(l.taken) AS t WHERE t > now() - budget_window) INTO recent;
    END IF;
    RETURN coalesce(recent, array_fill(now(), ARRAY[capacity]));
END $$;

-- The number of places left.
CREATE FUNCTION places_left(taken timestamptz[], capacity int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN capacity = 0 THEN 2147483647
                ELSE greatest(capacity - cardinality(taken), 0) END $$;

-- Takes `price` places besides those in `counted`, which are the ones still in the window. The caller
-- holds the row's lock and has checked that there are enough. The row is not sorted: a call writes the
-- time at which it started, even if it then waited for the lock.
CREATE FUNCTION charge(budget_key bytea, capacity int, counted timestamptz[], price int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits l
       SET taken = counted || array_fill(now(), ARRAY[price])
     WHERE l.key = budget_key AND capacity > 0 AND price > 0;
END $$;

-- Refunds what the call at this time paid for choosing an attempt.
CREATE FUNCTION refund(budget_key bytea, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits l SET taken = array_remove(l.taken, at)
     WHERE l.key = budget_key AND l.kind = 'address';
END $$;
