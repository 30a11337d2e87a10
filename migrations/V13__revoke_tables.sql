-- One release after the functions came (README.md), no code that still runs needs a table: a role
-- calls the functions that are granted to it, and they run with the rights of their owner.
-- Rights to columns go with those to their table.
REVOKE ALL ON accounts, codes, limits, idempotency_keys, password_resets, ended_sessions, audit_log
  FROM register, activate, account, maintain;
REVOKE USAGE ON SCHEMA public FROM register, activate, account, maintain;

-- Only older code looked attempts up among all accounts, or codes by their deadline. A transaction
-- cannot drop them concurrently; each takes a moment, and no longer than the lock timeout.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX accounts_by_email;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX codes_by_account;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX IF EXISTS codes_by_expiry;
