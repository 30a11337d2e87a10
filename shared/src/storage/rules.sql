-- Rules that several functions share. No role may call these directly.
--
-- All functions lock in one order, so calls wait for each other but never deadlock: idempotency keys;
-- attempts and accounts by id (a row's lock also protects its codes and links); limits in the order of
-- `domain::limits::ORDER`; the choices of `choose` last. Starting a code's minute locks only that code.
-- A statement sees everything that was committed before it began. So a function first locks, then reads:
-- what it has read stays true until the call ends, because no other call can change it.

-- How long an attempt lives, and the window of every limit "in 24 hours".
CREATE FUNCTION a_day() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '24 hours' $$;

-- Whole seconds until this time, 0 if it has passed.
CREATE FUNCTION seconds_until(moment timestamptz) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT greatest(ceil(extract(epoch FROM moment - now())), 0)::int $$;

-- An attempt ends 24 hours after its sign-up, even if codes were mailed since. An account does not end.
CREATE FUNCTION is_alive(a accounts) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT a.activated_at IS NOT NULL OR a.created_at > now() - a_day() $$;

-- When an attempt may be mailed again. If the owner voided it or all its emails are used, not before it
-- ends.
CREATE FUNCTION resend_at(a accounts, attempt_mails int) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN a.voided_at IS NOT NULL
                  OR attempt_mails > 0 AND cardinality(a.mailed_at) >= attempt_mails
                THEN a.created_at + a_day()
                ELSE a.next_mail_at END $$;

-- The sign-ups of the last 24 hours, activated or not. Imported accounts are left out: an attacker who
-- signed up for an address before its import must not notice the import. Each half has its own index.
CREATE VIEW attempts AS
    SELECT id, email, created_at, code_guesses
      FROM accounts WHERE activated_at IS NULL AND created_at > now() - a_day()
     UNION ALL
    SELECT id, email, created_at, code_guesses
      FROM accounts WHERE activated_at IS NOT NULL AND created_at > now() - a_day()
       AND activated_by IS DISTINCT FROM 'import';

CREATE FUNCTION has_account(address text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM accounts a WHERE a.email = address AND a.activated_at IS NOT NULL);
END $$;

-- A UUID that sorts by time (RFC 9562 §5.7): new rows share the last page of an index, while random ids
-- would each change a different page.
CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
               substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
               FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid $$;

CREATE FUNCTION note(entry text, account uuid, actor uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_log (id, action, account_id, actor_id) VALUES (uuid_v7(), entry, account, actor);
END $$;
