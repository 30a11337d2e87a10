-- Gives back the places taken at this time, in the order in which they were taken. Never refunds what
-- guesses have cost.
CREATE FUNCTION give_back(limit_keys bytea[], taken_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    FOR n IN 1 .. coalesce(cardinality(limit_keys), 0) LOOP
        UPDATE limits l
           SET taken = l.taken[: array_position(l.taken, taken_at) - 1]
                    || l.taken[array_position(l.taken, taken_at) + 1 :]
         WHERE l.key = limit_keys[n] AND l.kind = 'place' AND taken_at = ANY (l.taken);
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION give_back TO register, activate, account;
