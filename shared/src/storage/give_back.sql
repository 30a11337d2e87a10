-- Gives back what was taken at that moment, in the order in which it was taken. Only places come
-- back, never what guesses have cost.
CREATE FUNCTION give_back(keys bytea[], at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    FOR n IN 1 .. coalesce(cardinality(keys), 0) LOOP
        UPDATE limits l
           SET taken = l.taken[: array_position(l.taken, at) - 1]
                    || l.taken[array_position(l.taken, at) + 1 :]
         WHERE l.key = keys[n] AND l.kind = 'place' AND at = ANY (l.taken);
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION give_back TO register, activate, account;
