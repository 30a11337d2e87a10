-- Chooses among the attempts of an address by the code, when the call names no attempt.
--
-- This compares the code with each live code of the address. So a code chooses only if the address's
-- budget could pay for a wrong guess at all of them. Otherwise this returns the newest attempt. The
-- call pays at once for the codes of all attempts but the newest: many guesses may arrive together, and
-- the password may not be the newest attempt's. `guess` refunds a right guess.
--
-- A used code is compared until its deadline as well, so that others cannot see that it was used. Once
-- the address has an account, codes no longer choose: the attempts that lost to it behave as if their
-- codes had never been guessed.
CREATE FUNCTION choose(address text, newest uuid, has_account boolean, mac_key_ids text[], macs bytea[],
                       OUT attempt uuid)
LANGUAGE plpgsql AS $$
DECLARE
    price int;
    budget accounts;
    of_address timestamptz[];
    of_all int;
    of_others int;
    fitting uuid;
BEGIN
    attempt := newest;
    IF cardinality(macs) = 0 THEN RETURN; END IF;

    SELECT * INTO budget FROM accounts a WHERE a.id = newest;
    of_address := places_taken('address', budget.guess_key, budget.guess_capacity, a_day());
    SELECT count(*)::int,
           count(*) FILTER (WHERE a.id <> newest)::int,
           (array_agg(a.id ORDER BY a.created_at DESC, a.id DESC) FILTER (WHERE c.fits))[1]
      INTO of_all, of_others, fitting
      FROM attempts a, codes_of(a.id, mac_key_ids, macs, a.code_guesses) AS c
     WHERE a.email = address AND c.ends_at > now() AND c.guesses_left > 0;

    IF of_others > 0 AND of_all <= places_left(of_address, budget.guess_capacity) THEN
        price := CASE WHEN budget.guess_capacity = 0 THEN 0 ELSE of_others END;
        PERFORM charge(budget.guess_key, budget.guess_capacity, of_address, price);
        IF fitting <> newest AND NOT has_account THEN
            attempt := fitting;
            -- Read by the `guess` of the same request, which follows within a minute.
            INSERT INTO limits AS l (key, kind, places, seconds, taken)
            VALUES (uuid_send(attempt), 'choice', price, 60, ARRAY[now()])
                ON CONFLICT (key) DO UPDATE SET taken = l.taken || now();
        END IF;
    END IF;
END $$;

-- Whether the call at this time chose this attempt, so that its guess is paid for. True only once.
CREATE FUNCTION use_choice(attempt uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits l SET taken = array_remove(l.taken, at)
     WHERE l.key = uuid_send(attempt) AND l.kind = 'choice' AND at = ANY (l.taken);
    RETURN FOUND;
END $$;
