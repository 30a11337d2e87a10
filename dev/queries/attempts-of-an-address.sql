-- The attempts of an address and their codes, newest first: how much of its minute each code has left, its
-- wrong guesses, and what became of it. Codes themselves are not stored: read them in the mailbox.
-- Change the address, then press F5.
SELECT a.id AS registration,
       date_trunc('second', a.created_at) AS signed_up,
       CASE WHEN a.disabled_at IS NOT NULL THEN 'disabled'
            WHEN a.activated_at IS NOT NULL THEN 'active'
            WHEN a.voided_at IS NOT NULL THEN 'voided by its owner'
            WHEN a.created_at < now() - interval '24 hours' THEN 'ended'
            ELSE 'pending' END AS attempt,
       cardinality(a.mailed_at) AS emails,
       date_trunc('milliseconds', c.created_at) AS code_made,
       CASE WHEN c.used_at IS NOT NULL THEN 'used'
            WHEN c.expires_at <= now() THEN 'expired'
            WHEN a.code_guesses > 0 AND c.wrong_guesses >= a.code_guesses THEN 'guessed too often'
            ELSE 'alive' END AS code,
       greatest(ceil(extract(epoch FROM c.expires_at - now())), 0)::int AS seconds_left,
       c.wrong_guesses || ' of ' || coalesce(nullif(a.code_guesses, 0)::text, 'any number') AS wrong_guesses
  FROM accounts a
  LEFT JOIN codes c ON c.account_id = a.id
 WHERE a.email = lower('ada@example.com')
 ORDER BY a.created_at DESC, c.created_at DESC;
