-- What `guess` uses before and after its decision. `guess` holds the locks.

-- An imported account was never an attempt and has no limits of its own. `guess` answers that it is
-- already active and refunds the cost of choosing among the attempts of its address. The newest of
-- those attempts knows the budget.
CREATE FUNCTION with_limits(account accounts) RETURNS accounts LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT b.guess_key, b.guess_capacity, b.code_guesses
      INTO account.guess_key, account.guess_capacity, account.code_guesses
      FROM accounts b
     WHERE b.id = (SELECT a.id FROM attempts a WHERE a.email = account.email
                    ORDER BY a.created_at DESC, a.id DESC LIMIT 1);
    account.guess_key := coalesce(account.guess_key, uuid_send(account.id));
    account.guess_capacity := coalesce(account.guess_capacity, 10);
    account.code_guesses := coalesce(account.code_guesses, 3);
    RETURN account;
END $$;

-- The code was right: the attempt becomes the address's account. Returns the age of the code in seconds.
CREATE FUNCTION activate(attempt uuid, code uuid, OUT age float8) LANGUAGE plpgsql AS $$
BEGIN
    WITH noted AS (
        INSERT INTO audit_log (id, action, account_id) VALUES (uuid_v7(), 'activated', attempt)
    ), activated AS (UPDATE accounts a SET activated_at = now() WHERE a.id = attempt)
    UPDATE codes c SET used_at = now() WHERE c.id = code
    RETURNING extract(epoch FROM now() - c.created_at)::float8 INTO age;
END $$;

-- Counts a wrong guess on the codes that it was compared with, and charges the address and the network.
-- Returns what is left: of the address's budget, of the attempt's own guess, and of each code that can
-- be guessed now, newest first.
CREATE FUNCTION count_wrong(account accounts, guessable uuid[], is_own boolean, price int,
                            of_address timestamptz[], network_key bytea, network_capacity int,
                            of_network timestamptz[], INOUT address_left int,
                            OUT own_left boolean, OUT codes_left int[])
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE codes c SET wrong_guesses = c.wrong_guesses + 1
     WHERE c.id = ANY (CASE WHEN is_own THEN guessable[1:1] ELSE guessable END);
    UPDATE accounts a SET own_guess_used = true WHERE a.id = account.id AND is_own;
    PERFORM charge(network_key, network_capacity, of_network, 1);
    IF NOT is_own THEN
        PERFORM charge(account.guess_key, account.guess_capacity, of_address, price);
        address_left := address_left - price;
    END IF;
    own_left := NOT (account.own_guess_used OR is_own);
    codes_left := ARRAY(SELECT c.guesses_left
                          FROM codes_of(account.id, '{}', '{}', account.code_guesses) AS c
                         WHERE c.ends_at > now() AND c.spent_at IS NULL AND c.guesses_left > 0
                         ORDER BY c.made_at DESC, c.id DESC);
END $$;

-- When enough codes of an attempt have expired that the address can pay for the rest.
CREATE FUNCTION fits_at(code_ids uuid[], to_end int) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT c.expires_at FROM codes c WHERE c.id = ANY (code_ids)
             ORDER BY c.expires_at OFFSET to_end - 1 LIMIT 1);
END $$;
