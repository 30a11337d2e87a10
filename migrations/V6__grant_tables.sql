-- What each role may do, down to columns. `account` gets its own with what it is there for.
-- Locking a row (FOR UPDATE) takes an UPDATE grant on one of its columns.

-- Opens attempts, mails codes, remembers idempotency keys. Activates nothing.
GRANT SELECT (id, email, password_hash, locale, created_at, activated_at, mailed_at, next_mail_at),
      INSERT (id, email, password_hash, locale, mailed_at, next_mail_at),
      UPDATE (mailed_at, next_mail_at)
   ON accounts TO register;
GRANT SELECT (id, account_id, mac, key_id, expires_at, wrong_guesses),
      INSERT (id, account_id, mac, key_id, not_me_digest, expires_at),
      UPDATE (expires_at)
   ON codes TO register;
GRANT SELECT, INSERT (key, places, seconds, taken), UPDATE (places, seconds, taken)
   ON limits TO register;
GRANT SELECT,
      INSERT (email, key, payload_mac, running_until),
      UPDATE (payload_mac, claimed_at, running_until, account_id, expires_at)
   ON idempotency_keys TO register;

-- Judges guesses. Opens nothing, and reads no "this wasn't me" digest.
GRANT SELECT (id, email, password_hash, created_at, activated_at, mailed_at, next_mail_at,
              own_guess_used),
      UPDATE (activated_at, own_guess_used)
   ON accounts TO activate;
GRANT SELECT (id, account_id, mac, key_id, created_at, expires_at, wrong_guesses, used_at),
      UPDATE (wrong_guesses, used_at)
   ON codes TO activate;
GRANT SELECT, INSERT (key, places, seconds, taken), UPDATE (places, seconds, taken)
   ON limits TO activate;
GRANT INSERT (action, account_id) ON audit_log TO activate;

-- Deletes what is old. It sees how old a row is, not whose it is.
GRANT SELECT (ctid, created_at, activated_at, next_mail_at), DELETE ON accounts TO maintain;
GRANT SELECT (ctid, expires_at), DELETE ON codes TO maintain;
GRANT SELECT (ctid, key, seconds, taken), DELETE ON limits TO maintain;
GRANT SELECT (ctid, claimed_at, running_until), DELETE ON idempotency_keys TO maintain;
GRANT SELECT (ctid, at), DELETE ON audit_log TO maintain;
