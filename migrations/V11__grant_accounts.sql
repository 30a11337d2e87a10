-- Signs people in and looks after accounts. It opens no attempt and activates nothing.
GRANT SELECT (id, email, password_hash, locale, created_at, activated_at, disabled_at, role,
              generation),
      UPDATE (password_hash, locale, disabled_at, generation),
      DELETE
   ON accounts TO account;
-- To find an attempt, as everybody does who checks credentials.
GRANT SELECT (account_id, mac, key_id, expires_at, wrong_guesses) ON codes TO account;
GRANT SELECT, INSERT (key, places, seconds, taken), UPDATE (places, seconds, taken)
   ON limits TO account;
-- They hold the address, so they go with it.
GRANT SELECT (email), DELETE ON idempotency_keys TO account;
GRANT SELECT, INSERT, DELETE ON password_resets TO account;
GRANT SELECT (id), INSERT ON ended_sessions TO account;
GRANT INSERT (action, account_id, actor_id) ON audit_log TO account;

-- Credentials are checked under a generation. "This wasn't me" ends sessions.
GRANT SELECT (generation), UPDATE (generation) ON accounts TO register;
GRANT SELECT (generation) ON accounts TO activate;

-- Deletes what is old, imports accounts and grants roles. An address that it imports may be taken,
-- and the index that knows is asked by address.
GRANT SELECT (id, email, role, disabled_at),
      INSERT (id, email, password_hash, locale, activated_at, activated_by, mailed_at, next_mail_at),
      UPDATE (role)
   ON accounts TO maintain;
GRANT SELECT (ctid, expires_at), DELETE ON password_resets TO maintain;
GRANT SELECT (ctid, expires_at), DELETE ON ended_sessions TO maintain;
GRANT INSERT (action, account_id) ON audit_log TO maintain;
