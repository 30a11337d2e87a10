-- One guess at the codes of an attempt whose password was right. A wrong guess counts on every code that can
-- be guessed and costs the address one place for each; if it cannot pay, the attempt's own guess is used, on its
-- newest code. Once the address has an account, or its owner has voided the attempt, every code is wrong.
CREATE FUNCTION guess(attempt uuid, mac_key_ids text[], macs bytea[], chosen_by_code boolean,
                      attempt_mails int, network_key bytea, network_capacity int, network_window_seconds int,
                      limit_keys bytea[], places_taken_at timestamptz)
RETURNS TABLE (outcome text, active_since timestamptz, code_age_seconds float8, resend_in int,
               retry_after int, address_left int, own_left boolean, codes_left int[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    account accounts; seen record; of_address timestamptz[]; of_network timestamptz[]; is_paid boolean;
BEGIN
    SELECT * INTO account FROM accounts a WHERE a.id = attempt FOR UPDATE;
    IF FOUND AND account.guess_key IS NULL THEN account := with_limits(account); END IF;
    PERFORM give_back(limit_keys, places_taken_at);
    of_address := places_taken('address', account.guess_key, account.guess_capacity, a_day());
    of_network := places_taken('network', network_key, network_capacity,
                               make_interval(secs => network_window_seconds));
    is_paid := chosen_by_code AND use_choice(attempt, places_taken_at);  -- Choosing compared its codes.
    SELECT c.*, CASE WHEN is_paid THEN 0 ELSE cardinality(c.guessable) END AS price,
           places_left(of_address, account.guess_capacity) AS address_left,
           CASE WHEN NOT has_account(account.email) AND account.voided_at IS NULL
                THEN c.fitting END AS winning,
           seconds_until(resend_at(account, attempt_mails)) AS resend_in
      INTO seen FROM all_codes_of(attempt, mac_key_ids, macs, account.code_guesses) AS c;
    outcome := CASE
        WHEN account.id IS NULL OR NOT is_alive(account)                  THEN 'gone'
        WHEN account.disabled_at IS NOT NULL                              THEN 'already active'
        WHEN account.activated_at IS NOT NULL AND seen.repeats            THEN 'activated before'
        WHEN account.activated_at IS NOT NULL                             THEN 'already active'
        WHEN seen.alive = 0                                               THEN 'expired'
        WHEN seen.guessable = '{}'                                        THEN 'exhausted'
        WHEN places_left(of_network, network_capacity) = 0                THEN 'network spent'
        WHEN seen.price <= seen.address_left AND seen.winning IS NOT NULL THEN 'activated'
        WHEN seen.price <= seen.address_left                              THEN 'wrong'
        -- Choosing already compared every code: the own guess would be a second comparison.
        WHEN account.own_guess_used OR chosen_by_code                     THEN 'address spent'
        WHEN seen.winning = seen.guessable[1]                             THEN 'activated'
        ELSE 'own guess wrong' END;
    IF outcome = 'activated' THEN
        account.activated_at := now();
        code_age_seconds := activate(attempt, seen.winning);
    ELSIF outcome IN ('wrong', 'own guess wrong') THEN
        SELECT * INTO address_left, own_left, codes_left
          FROM count_wrong(account, seen.guessable, outcome <> 'wrong', seen.price,
                           of_address, network_key, network_capacity, of_network, seen.address_left);
    ELSIF outcome IN ('network spent', 'address spent') THEN
        retry_after := seconds_until(CASE
            WHEN outcome = 'network spent' THEN free_at(of_network, network_capacity, network_window_seconds)
            WHEN seen.address_left = 0 THEN of_address[1] + a_day()
            ELSE fits_at(seen.guessable, seen.price - seen.address_left) END);
    END IF;
    IF account.activated_at IS NOT NULL AND places_taken_at = ANY (of_address) THEN
        PERFORM refund(account.guess_key, places_taken_at);  -- Not a guess, or the right one.
    END IF;
    active_since := account.activated_at; resend_in := seen.resend_in;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION guess TO activate;
